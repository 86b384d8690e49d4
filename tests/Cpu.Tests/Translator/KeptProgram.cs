using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using Microsoft.Win32.SafeHandles;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// A machine that runs a program of two pages of a file, in an area. It calls the function in the second page a hundred times, or another one there if rbx is
/// not zero, adds what lies at a constant address each time, and uses the x87.
/// </summary>
internal sealed unsafe class KeptProgram : ICodeSource, IDisposable
{
    public const ulong Second = GuestCode.Code + 0x1000;

    /// <summary>What lies at the constant address.</summary>
    public const int Constant = 1000;

    private const int Pages = 2;
    private const ulong Environment = GuestCode.Data + 0x100, X87 = GuestCode.Code + 0x800;

    private readonly int[] _frames = new int[Pages];
    private readonly GuestCode[] _guests;
    private readonly CodeArea _area;

    public KeptProgram(FileVersion? version, int first = 1, int other = 2, int roomForCode = int.MaxValue / 2, bool counts = false, CpuLevel level = CpuLevel.V2)
    {
        Version = version;
        Machine = new BareMachine(processors: 2, translate: true, roomForCode: roomForCode, counts: counts, level: level);
        _guests = [new GuestCode(Machine), new GuestCode(Machine)];
        _area = new CodeArea(GuestCode.Code, GuestCode.Code + (Pages << FramePool.FrameShift), this, 0);
        for (int i = 0; i < Pages; i++)
        {
            _frames[i] = Machine.Frames.Allocate();
            Machine.Memory.Set(GuestCode.Code + ((ulong)i << FramePool.FrameShift), Pte.For(_frames[i], PageAccess.Read | PageAccess.Execute, shared: false));
        }
        Machine.Map(GuestCode.Stack, 1, PageAccess.Read | PageAccess.Write, shared: true);
        Machine.Map(GuestCode.Data, 1, PageAccess.Read | PageAccess.Write, shared: true);
        Machine.Write(GuestCode.Data, BitConverter.GetBytes(Constant));
        _guests[0].Assemble(GuestCode.Code, Main);
        _guests[0].Assemble(X87, static a =>
        {
            a.fld1(); // two bytes
            a.fstp(st0);
            a.fnstenv(__[Environment]);
            a.int3();
        });
        Function(0x100, first);
        Function(0x200, other);
    }

    /// <inheritdoc/>
    public FileVersion? Version { get; set; }

    public BareMachine Machine { get; }

    public TranslatorEngine Engine => (TranslatorEngine)Machine.Engine;

    /// <summary>The frame of the file's second page.</summary>
    public int SecondFrame => _frames[1];

    /// <summary>What a run gives when the function that is called adds so much.</summary>
    public static ulong Sum(int value) => 100UL * (ulong)(Constant + value);

    /// <summary>Has the engine read a file, and announces the area.</summary>
    public bool Take(byte[] file, Func<long, int>? frameOf = null)
    {
        using var copy = new KeptFile(file);
        bool isRead = Engine.ReadCode(copy.Handle);
        Announce(frameOf);
        return isRead;
    }

    /// <summary>Announces the area as the kernel does.</summary>
    public void Announce(Func<long, int>? frameOf = null)
    {
        Engine.Adopt(_area, frameOf ?? (page => _frames[page]));
        Machine.Memory.AnnounceCode(_area, page => _frames[page]);
    }

    /// <summary>What the engine would write to a file now.</summary>
    public byte[] Keep()
    {
        using var stream = new MemoryStream();
        Engine.WriteCode(stream);
        return stream.ToArray();
    }

    /// <summary>Writes a function into the second page.</summary>
    public void Function(int offset, int value) => Machine.Write(Second + (ulong)offset, GuestCode.Bytes(Second + (ulong)offset, a =>
    {
        a.add(eax, value);
        a.ret();
    }));

    /// <summary>Runs the program; answers what it has added up.</summary>
    /// <param name="other">Whether it calls the other function.</param>
    /// <param name="processor">Where.</param>
    public ulong Run(bool other = false, int processor = 0)
    {
        GuestCode guest = _guests[processor];
        guest.State->Rip = GuestCode.Code;
        guest[CpuState.Rax] = 0;
        guest[CpuState.Rbx] = other ? 1UL : 0;
        guest[CpuState.Rsp] = GuestCode.Stack + 0x800 + ((ulong)processor * 0x400);
        StopReason stop;
        do stop = guest.Run(processor: processor);
        while (stop == StopReason.Preempted);
        Assert.Equal(StopReason.Breakpoint, stop);
        Assert.Equal(X87 + 2, (ulong)BitConverter.ToUInt32(Read(Environment + 12, 4))); // FNSTENV tells where the last instruction was
        return guest[CpuState.Rax];
    }

    public void Dispose()
    {
        foreach (GuestCode guest in _guests) guest.Dispose();
        Machine.Dispose();
    }

    private void Main(Assembler a)
    {
        Label top = a.CreateLabel(), another = a.CreateLabel(), back = a.CreateLabel();
        a.mov(ecx, 100);
        a.Label(ref top);
        a.test(ebx, ebx);
        a.jne(another);
        a.call(Second + 0x100);
        a.Label(ref back);
        a.add(eax, __dword_ptr[GuestCode.Data]);
        a.dec(ecx);
        a.jne(top);
        a.jmp(X87);
        a.Label(ref another);
        a.call(Second + 0x200);
        a.jmp(back);
    }

    private byte[] Read(ulong address, int count)
    {
        var bytes = new byte[count];
        Machine.Read(address, bytes);
        return bytes;
    }
}

/// <summary>A temporary file with these bytes.</summary>
internal sealed class KeptFile : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public KeptFile(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        Handle = File.OpenHandle(_path);
    }

    public SafeFileHandle Handle { get; }

    public void Dispose()
    {
        Handle.Dispose();
        File.Delete(_path);
    }
}
