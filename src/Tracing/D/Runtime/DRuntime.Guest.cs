using System.Buffers.Binary;
using System.Text;
using Kennel.Probes;

namespace Kennel.Tracing.D.Runtime;

/// <summary>What scripts ask of the guest: its memory, stacks, symbols and files.</summary>
internal sealed partial class DRuntime
{
    private ulong _random = 0x2545F4914F6CDD1D;

    internal string CopyinText(long address, long limit)
    {
        int size = (int)Math.Clamp(limit, 0, Options.StringSize);
        Span<byte> buffer = stackalloc byte[256];
        var text = new StringBuilder();
        while (text.Length < size)
        {
            // Page by page, so that a string that ends before an unmapped page is read.
            int wish = Math.Min(Math.Min(size - text.Length, buffer.Length), 4096 - (int)((address + text.Length) & 4095));
            int got = Task.ReadMemory((ulong)(address + text.Length), buffer[..wish]);
            int end = buffer[..got].IndexOf((byte)0);
            text.Append(Encoding.Latin1.GetString(buffer[..(end < 0 ? got : end)]));
            if (end >= 0) break;
            if (got < wish) throw new DFault(DFaultCode.BadAddress, (ulong)address);
        }
        return Cut(text.ToString());
    }

    internal long Copyin(long address, long size)
    {
        long scratch = Memory.Allocate(size);
        CopyinTo(address, size, scratch);
        return scratch;
    }

    internal long CopyinTo(long address, long size, long target)
    {
        if (size == 0) return 0;
        Span<byte> bytes = Memory.OwnBytes(target, size);
        if (bytes.IsEmpty) throw new DFault(DFaultCode.BadAddress, (ulong)target);
        if (Task.ReadMemory((ulong)address, bytes) < size) throw new DFault(DFaultCode.BadAddress, (ulong)address);
        return 0;
    }

    internal void Copyout(long from, long address, long size)
    {
        byte[] bytes = Memory.Bytes(from, size);
        if (Task.WriteMemory((ulong)address, bytes) < size) throw new DFault(DFaultCode.BadAddress, (ulong)address);
    }

    internal void CopyoutText(string? text, long address, long limit)
    {
        string s = Solid(text);
        byte[] bytes = Encoding.Latin1.GetBytes(s + "\0");
        int size = (int)Math.Min(bytes.Length, Math.Max(limit, 0));
        if (Task.WriteMemory((ulong)address, bytes.AsSpan(0, size)) < size) throw new DFault(DFaultCode.BadAddress, (ulong)address);
    }

    internal void Raise(long signal) => Task.SendSignal((int)signal);

    internal long ParentPid => Task.Parent?.ProcessId ?? 0;

    internal string ExecName => Task.ThreadId == 0 ? "sched" : Task.Name;

    internal long IsProgenyOf(long pid)
    {
        for (ITracedTask? task = Task; task != null; task = task.Parent)
        {
            if (task.ProcessId == pid) return 1;
            if (task.ProcessId == 0) break;
        }
        return 0;
    }

    internal long VirtualTime => Task.CpuTime is var (user, system) ? user + system : 0;

    internal long ErrorNumber => Error;

    internal TracedFile File(long descriptor) => (descriptor is < 0 or > int.MaxValue ? null : Task.FindFile((int)descriptor)) ?? new TracedFile("", 0, 0, "", "", null);

    internal long Random()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (long)(_random & 0x7fffffff);
    }

    internal long UserRegister(long number)
    {
        if (number is < 0 or > 17) throw new DFault(DFaultCode.IllegalOperation);
        return (long)Task.Register((int)number);
    }

    internal long UserCaller
    {
        get
        {
            Span<ulong> frames = stackalloc ulong[2];
            return Task.UserStack(frames) > 1 ? (long)frames[1] : 0;
        }
    }

    internal long Caller
    {
        get
        {
            Span<ulong> frames = stackalloc ulong[2];
            return Task.KernelStack(frames) > 1 ? (long)frames[1] : -1;
        }
    }

    internal long UserStackDepth
    {
        get
        {
            Span<ulong> frames = stackalloc ulong[256];
            return Task.UserStack(frames);
        }
    }

    internal long KernelStackDepth
    {
        get
        {
            Span<ulong> frames = stackalloc ulong[256];
            return Task.KernelStack(frames);
        }
    }

    /// <summary>A kernel stack, a frame a line.</summary>
    internal string KernelStackText(int frames) => Lines(frames == 0 ? Options.StackFrames : frames, false);

    /// <summary>A user stack, a frame a line.</summary>
    internal string UserStackText(int frames) => Lines(frames == 0 ? Options.UserStackFrames : frames, true);

    private string Lines(int count, bool user)
    {
        Span<ulong> frames = stackalloc ulong[Math.Clamp(count, 1, 512)];
        int got = user ? Task.UserStack(frames) : Task.KernelStack(frames);
        var text = new StringBuilder();
        for (int i = 0; i < got; i++) text.Append(user ? UserAddress((long)frames[i]) : KernelAddress((long)frames[i])).Append('\n');
        return text.ToString();
    }

    /// <summary>%A: lib.so`fn+0x8.</summary>
    internal string UserAddress(long address)
    {
        if (Task.FindUserSymbol((ulong)address) is not { } symbol) return $"0x{address:x}";
        string module = Basename(symbol.Path);
        if (symbol.Name.Length == 0) return $"{module}`0x{address:x}";
        ulong offset = (ulong)address - symbol.Start;
        return offset == 0 ? $"{module}`{symbol.Name}" : $"{module}`{symbol.Name}+0x{offset:x}";
    }

    /// <summary>ufunc and usym: lib.so`fn.</summary>
    internal string UserFunction(long address)
    {
        if (Task.FindUserSymbol((ulong)address) is not { } symbol) return $"0x{address:x}";
        return symbol.Name.Length == 0 ? $"{Basename(symbol.Path)}`0x{address:x}" : $"{Basename(symbol.Path)}`{symbol.Name}";
    }

    internal string UserModule(long address) => Task.FindUserSymbol((ulong)address) is { } symbol ? Basename(symbol.Path) : $"0x{address:x}";

    /// <summary>%a: mod`fn+0x1c.</summary>
    internal string KernelAddress(long address) => Model.FindFunction((ulong)address) is { } function ? $"vmlinux`{function.Name}" : KernelVariableName(address) ?? $"0x{address:x}";

    internal string KernelModule(long address) => Model.FindFunction((ulong)address) != null ? "vmlinux" : $"0x{address:x}";

    private string? KernelVariableName(long address) => address != 0 && _variableNames.TryGetValue(address, out string? name) ? name : null;

    private readonly Dictionary<long, string> _variableNames = [];

    internal long NoteVariable(long address, string name)
    {
        _variableNames[address] = "vmlinux`" + name;
        return address;
    }

    internal static long ReadNumber(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
