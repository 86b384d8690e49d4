using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Bench.Engine;

/// <summary>A static program without libc on a machine without kernel: it runs until its first system call.</summary>
internal sealed unsafe class FlatGuest
{
    private const ulong StackTop = 0x7fff_0000_0000;

    private readonly ProcessorSet _processors = new(1);
    private readonly FramePool _frames = new(256L << 20);
    private readonly PageNodePool _nodes = new();
    private readonly IExecutionEngine _engine;
    private readonly PageTable _memory;
    private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);

    public FlatGuest(string program, bool translate, bool counts = false)
    {
        _engine = translate ? TranslatorEngine.TryCreate(_frames, _processors, counts)! : new InterpreterEngine(_frames, _processors);
        _memory = new PageTable(_frames, _nodes, _processors);
        _state->Reset();
        byte[] file = File.ReadAllBytes(program);
        ReadOnlySpan<byte> elf = file;
        _state->Rip = BinaryPrimitives.ReadUInt64LittleEndian(elf[24..]);
        int headers = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[32..]), count = BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]);
        for (int i = 0; i < count; i++) LoadSegment(elf, elf[(headers + (i * 56))..]);
        for (ulong page = StackTop - (256 << 12); page < StackTop; page += 4096) PageAt(page);
        _state->R[CpuState.Rsp] = StackTop;
    }

    public ulong Retired => _state->Retired;

    /// <summary>Runs to exit_group; answers its argument.</summary>
    public int Run()
    {
        StopReason stop;
        do stop = _engine.Run(_processors[0], _state, _memory, long.MaxValue);
        while (stop == StopReason.Preempted);
        if (stop != StopReason.SystemCall) throw new InvalidOperationException($"{stop} at {_state->Rip:x}, {_state->FaultAddress:x}");
        return (int)_state->R[CpuState.Rdi];
    }

    private void LoadSegment(ReadOnlySpan<byte> elf, ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 1) return; // PT_LOAD
        int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        int inFile = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        ulong inMemory = BinaryPrimitives.ReadUInt64LittleEndian(header[40..]);
        for (ulong page = address & ~0xfffUL; page < address + inMemory; page += 4096) PageAt(page);
        for (int i = 0; i < inFile; i++) PageAt(address + (ulong)i)[(address + (ulong)i) & 0xfff] = elf[offset + i];
    }

    private byte* PageAt(ulong address)
    {
        Pte pte = _memory.Walk(address, out _);
        if (!pte.IsPresent)
        {
            pte = Pte.For(_frames.Allocate(), PageAccess.Read | PageAccess.Write | PageAccess.Execute, shared: false);
            _memory.Set(address, pte);
        }
        return _frames.Pointer(pte.Frame);
    }
}
