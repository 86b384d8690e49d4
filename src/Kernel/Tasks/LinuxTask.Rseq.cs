using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Memory;

namespace Kennel.Tasks;

/// <summary>
/// Restartable sequences (man 2 rseq): the kernel keeps the processor's number in a word of the thread's, and a marked stretch of
/// code that was preempted or met a signal goes on at its abort address.
/// </summary>
/// <remarks>Linux: kernel/rseq.c. A sequence makes no system calls, so only preemption, migration and signals matter.</remarks>
public sealed unsafe partial class LinuxTask
{
    private const uint RseqSize = 32, NodeIdOffset = 20;

    private ulong _rseqAddress;
    private uint _rseqLength, _rseqSignature;
    private bool _needsRseqUpdate;

    [StructLayout(LayoutKind.Sequential)]
    private struct CriticalSection
    {
        public uint Version, Flags;
        public ulong Start, Length, Abort;
    }

    internal Errno RegisterRseq(ulong address, uint length, uint signature)
    {
        if (_rseqAddress != 0)
        {
            if (_rseqAddress != address || _rseqLength != length) return Errno.EINVAL;
            return _rseqSignature != signature ? Errno.EPERM : Errno.EBUSY;
        }
        if (length < RseqSize || address % RseqSize != 0) return Errno.EINVAL;
        if (!new UserPtr<ulong>(address + 8).TryWrite(Memory, 0UL)) return Errno.EFAULT;
        (_rseqAddress, _rseqLength, _rseqSignature) = (address, length, signature);
        _needsRseqUpdate = true;
        return Errno.None;
    }

    internal Errno UnregisterRseq(ulong address, uint length, uint signature)
    {
        if (_rseqAddress != address || _rseqAddress == 0 || _rseqLength != length) return Errno.EINVAL;
        if (_rseqSignature != signature) return Errno.EPERM;
        if (!WriteProcessor(0, uint.MaxValue)) return Errno.EFAULT;
        ResetRseq();
        return Errno.None;
    }

    private void ResetRseq()
    {
        _rseqAddress = 0;
        _needsRseqUpdate = false;
    }

    private void InheritRseq(LinuxTask parent)
    {
        (_rseqAddress, _rseqLength, _rseqSignature) = (parent._rseqAddress, parent._rseqLength, parent._rseqSignature);
        _needsRseqUpdate = _rseqAddress != 0;
    }

    /// <summary>It was preempted, or runs on another processor than before.</summary>
    internal void NoticeRseq() => _needsRseqUpdate |= _rseqAddress != 0;

    private void UpdateRseq()
    {
        if (_rseqAddress == 0 || !(_needsRseqUpdate || HasPendingSignal)) return;
        _needsRseqUpdate = false;
        uint processor = (uint)Processor!.Id;
        if (!AbortSequence() || !WriteProcessor(processor, processor)) ForceSignal(Signal.SIGSEGV);
    }

    // A child that begins on its parent's processor finds in its copy what would be written: its page stays shared.
    private bool WriteProcessor(uint start, uint id)
    {
        uint context = id == uint.MaxValue ? 0 : id;
        var ids = new UserPtr<uint>(_rseqAddress);
        var node = new UserPtr<uint>(_rseqAddress + NodeIdOffset);
        Span<uint> found = stackalloc uint[2], more = stackalloc uint[2];
        if (ids.TryRead(Memory, found) && node.TryRead(Memory, more) && found[0] == start && found[1] == id && more[0] == 0 && more[1] == context) return true;
        return ids.TryWrite(Memory, (ReadOnlySpan<uint>)[start, id]) && node.TryWrite(Memory, (ReadOnlySpan<uint>)[0, context]);
    }

    // Linux: rseq_ip_fixup.
    private bool AbortSequence()
    {
        var field = new UserPtr<ulong>(_rseqAddress + 8);
        if (!field.TryRead(Memory, out ulong address)) return false;
        if (address == 0) return true;
        if (!new UserPtr<CriticalSection>(address).TryRead(Memory, out CriticalSection section)) return false;
        if (!field.TryWrite(Memory, 0UL)) return false;
        if (Cpu->Rip - section.Start >= section.Length) return true;
        if (!new UserPtr<uint>(section.Abort - 4).TryRead(Memory, out uint signature) || signature != _rseqSignature) return false;
        Cpu->Rip = section.Abort;
        return true;
    }
}
