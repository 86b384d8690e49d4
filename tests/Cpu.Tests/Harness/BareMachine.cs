using Kennel.Cpu.Hosted;
using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>A machine with nothing but memory, processors and an engine: no kernel.</summary>
public sealed unsafe class BareMachine : IDisposable
{
    private readonly PageNodePool _nodes = new();

    public BareMachine(int processors = 1, long memory = 256L << 20, bool translate = false, bool counts = false, CpuLevel level = CpuLevel.V2, int roomForCode = int.MaxValue / 2)
    {
        Processors = new ProcessorSet(processors);
        Frames = new FramePool(memory);
        Engine = translate ? TranslatorEngine.TryCreate(Frames, Processors, counts, level, roomForCode)! : new InterpreterEngine(Frames, Processors, level == CpuLevel.V3 ? HostInstructions.TryCreate() : null);
        Assert.SkipWhen(Engine == null, $"needs an x64 Linux host that lets code be made and has what {level} has");
        Memory = new PageTable(Frames, _nodes, Processors);
    }

    public ProcessorSet Processors { get; }

    public FramePool Frames { get; }

    public IExecutionEngine Engine { get; }

    /// <summary>The address space that tests use unless they make more.</summary>
    public PageTable Memory { get; }

    /// <summary>Puts fresh zeroed frames behind [address, address + pages * 4096).</summary>
    public void Map(ulong address, int pages, PageAccess access, PageTable? table = null, bool shared = false)
    {
        for (int i = 0; i < pages; i++)
        {
            int frame = Frames.Allocate();
            (table ?? Memory).Set(address + ((ulong)i * FramePool.FrameSize), Pte.For(frame, access, shared));
        }
    }

    /// <summary>Writes as the kernel does: through the frames, telling those who hold code of them.</summary>
    public void Write(ulong address, ReadOnlySpan<byte> bytes, PageTable? table = null)
    {
        while (!bytes.IsEmpty)
        {
            int frame = (table ?? Memory).Walk(address, out _).Frame;
            int room = Math.Min(bytes.Length, FramePool.FrameSize - (int)(address & 0xfff));
            Frames.BeforeWrite(frame);
            bytes[..room].CopyTo(new Span<byte>(Frames.Pointer(frame) + (address & 0xfff), room));
            bytes = bytes[room..];
            address += (ulong)room;
        }
    }

    public void Read(ulong address, Span<byte> bytes, PageTable? table = null)
    {
        while (!bytes.IsEmpty)
        {
            int frame = (table ?? Memory).Walk(address, out _).Frame;
            int room = Math.Min(bytes.Length, FramePool.FrameSize - (int)(address & 0xfff));
            new ReadOnlySpan<byte>(Frames.Pointer(frame) + (address & 0xfff), room).CopyTo(bytes);
            bytes = bytes[room..];
            address += (ulong)room;
        }
    }

    /// <summary>Runs on processor 0.</summary>
    public StopReason Run(CpuState* state, long budget = 1_000_000, PageTable? table = null) =>
        Engine.Run(Processors[0], state, table ?? Memory, budget);

    public void Dispose()
    {
        Memory.Dispose();
        Engine.Dispose();
        Processors.Dispose();
        _nodes.Dispose();
        Frames.Dispose();
    }
}
