using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Generated code that all blocks share, made once: the way in, the way out, and the slow way to memory.
/// </summary>
/// <remarks>
/// Guest registers live in the host registers of the same name, but: rsp in r15; r10, r11 and r15 in the context. Host r11 (T)
/// and r10 (U) are scratch, host rsp is the host's stack.
/// </remarks>
internal sealed unsafe partial class SharedRoutines
{
    private static readonly int[] s_sizes = [1, 2, 4, 8, 16, 32, 64, 128, BaseGroups.LargestSpan];

    // Guest registers that are at home in the host register of the same number; rax comes last.
    private static readonly int[] s_kept = [Rcx, Rdx, Rbx, Rbp, Rsi, Rdi, 8, 9, 12, 13, 14];
    private static readonly (int Register, int Field)[] s_inContext =
    [
        (CpuState.R10, TranslatorContext.R10At), (CpuState.R11, TranslatorContext.R11At), (CpuState.R15, TranslatorContext.R15At),
    ];

    private static readonly int[] s_saved = [Rbx, Rbp, 12, 13, 14, 15];

    private const int LargestLog = 9;

    // Fields of TlbEntry.
    private const int ReadTagAt = 0, WriteTagAt = 8, DeltaAt = 16;

    // Accesses that the TLB serves between two that look for a range. One more is prime, or in a loop it might always be the same place's turn.
    private const int PagePatience = 60;

    private readonly int[] _slow = new int[2 * LargestLog];
    private readonly int _xmm, _mxcsr, _ymmHigh;
    private readonly bool _avx;

    /// <summary>Emits all of them; the emitter stands behind them then.</summary>
    public SharedRoutines(CodeEmitter e, CpuLevel level)
    {
        CpuState state;
        _avx = level >= CpuLevel.V3;
        _ymmHigh = OffsetOf(&state, state.YmmHigh);
        _xmm = OffsetOf(&state, state.Xmm);
        _mxcsr = OffsetOf(&state, &state.Mxcsr);
        ControlAt = OffsetOf(&state, &state.FpControl);
        e.Align(16);
        SetBase = e.Position;
        EmitSetBase(e);
        e.Align(16);
        ReadTicks = e.Position;
        EmitTicks(e);
        e.Byte(0xc3);
        e.Align(16);
        Exit = e.Position;
        e.Context(Store, U, TranslatorContext.SiteAt);
        int leave = e.Position;
        EmitLeave(e);
        EmitControl(e, leave);
        e.Align(16);
        Enter = e.Position;
        EmitEnter(e);
        for (int write = 0; write < 2; write++)
        {
            foreach (int size in s_sizes)
            {
                e.Align(16);
                _slow[SlowIndex(size, write != 0)] = e.Position;
                EmitSlow(e, size, write != 0, leave);
            }
        }
    }

    /// <summary>Offset of <see cref="CpuState.FpControl"/>.</summary>
    public int ControlAt { get; }

    /// <summary>void (context): makes GS point to it.</summary>
    public int SetBase { get; }

    /// <summary>long (): the host's time-stamp counter.</summary>
    public int ReadTicks { get; }

    /// <summary>void (context, code): runs generated code until it leaves.</summary>
    public int Enter { get; }

    /// <summary>To be jumped to, with the exit record's address in U: <see cref="CodeEmitter.ExitTo"/>.</summary>
    public int Exit { get; }

    /// <summary>
    /// Finds the slot that serves an access of a size to the guest address in T, which it keeps; does not come back if there is none. U is the address of the place's
    /// slot, and becomes that one's. Of a slot that is not that of a range only <see cref="TranslatorContext.DeltaAt"/> counts. The exit record is
    /// <see cref="AfterSlow"/> bytes behind the call.
    /// </summary>
    public int Slow(int size, bool write) => _slow[SlowIndex(size, write)];

    /// <summary>Bytes of the code that goes on after <see cref="Slow"/>.</summary>
    public const int AfterSlow = 18;

    private static int SlowIndex(int size, bool write) => Log2(size) + (write ? LargestLog : 0);

    // Writing it costs more than finding that it is there.
    private static void EmitSetBase(CodeEmitter e)
    {
        e.Byte(0xf3); // rdgsbase rax
        e.Byte(0x48);
        e.Byte(0x0f);
        e.Byte(0xae);
        e.Byte(0xc8);
        e.Registers(Cmp, Rax, Rdi);
        int there = e.Jump(Equal);
        e.Byte(0xf3); // wrgsbase rdi
        e.Byte(0x48);
        e.Byte(0x0f);
        e.Byte(0xae);
        e.Byte(0xdf);
        e.Bind(there);
        e.Byte(0xc3);
    }

    private void EmitEnter(CodeEmitter e)
    {
        foreach (int register in s_saved) e.Push(register);
        e.Memory(Store, Rsp, Rdi, TranslatorContext.HostStackAt);
        e.Memory(Mov, Rsp, Rdi, TranslatorContext.CallsAt);
        EmitTicks(e);
        e.Memory(Store, Rax, Rdi, TranslatorContext.BeganAt);
        e.Memory(Mxcsr, 3, Rdi, TranslatorContext.HostMxcsrAt, wide: false); // stmxcsr
        e.Memory(0x83, 7, Rdi, TranslatorContext.X87LoadedAt, wide: false); // cmp dword ptr [loaded], 0
        e.Byte(0);
        int noX87 = e.Jump(Equal);
        e.Memory(FxImage, 1, Rdi, TranslatorContext.X87ImageAt); // fxrstor64
        e.Bind(noX87);
        e.Memory(Store, Rsi, Rdi, TranslatorContext.AddressAt);
        e.Memory(Mov, Rax, Rdi, TranslatorContext.StateAt);
        e.Memory(Mxcsr, 2, Rax, _mxcsr, wide: false); // ldmxcsr
        for (int i = 0; i < 16; i++) e.Memory(MovupsLoad, i, Rax, _xmm + (i * 16), wide: false);
        if (_avx) EmitEnterAvx(e);
        foreach ((int register, int field) in s_inContext)
        {
            e.Memory(Mov, Rcx, Rax, register * 8);
            e.Memory(Store, Rcx, Rdi, field);
        }
        e.Memory(Mov, Rcx, Rax, CpuState.FsBase * 8);
        e.Memory(Store, Rcx, Rdi, TranslatorContext.FsBaseAt);
        e.Memory(Mov, Rcx, Rax, CpuState.GsBase * 8);
        e.Memory(Store, Rcx, Rdi, TranslatorContext.GsBaseAt);
        foreach (int register in s_kept) e.Memory(Mov, register, Rax, register * 8);
        e.Memory(Mov, Stack, Rax, CpuState.Rsp * 8);
        e.Memory(Mov, Rax, Rax, CpuState.Rax * 8);
        JumpThroughContext(e, TranslatorContext.AddressAt);
    }

    // rax becomes the time-stamp counter; rdx is lost.
    private static void EmitTicks(CodeEmitter e)
    {
        e.Byte(0x0f); // rdtsc
        e.Byte(0x31);
        e.Byte(0x48); // shl rdx, 32
        e.Byte(0xc1);
        e.Byte(0xe2);
        e.Byte(32);
        e.Byte(0x48); // or rax, rdx
        e.Byte(0x09);
        e.Byte(0xd0);
    }

    private void EmitLeave(CodeEmitter e)
    {
        e.Context(Mov, U, TranslatorContext.StateAt);
        e.Memory(Store, Rax, U, CpuState.Rax * 8);
        foreach (int register in s_kept) e.Memory(Store, register, U, register * 8);
        e.Memory(Store, Stack, U, CpuState.Rsp * 8);
        foreach ((int register, int field) in s_inContext)
        {
            e.Context(Mov, T, field);
            e.Memory(Store, T, U, register * 8);
        }
        for (int i = 0; i < 16; i++) e.Memory(MovupsStore, i, U, _xmm + (i * 16), wide: false);
        if (_avx) EmitLeaveAvx(e);
        e.Memory(Mxcsr, 3, U, _mxcsr, wide: false);
        e.Context(0x83, 7, TranslatorContext.X87LoadedAt, wide: false);
        e.Byte(0);
        int noX87 = e.Jump(Equal);
        e.Context(FxImage, 0, TranslatorContext.X87ImageAt); // fxsave64
        e.Byte(0xdb); // fninit
        e.Byte(0xe3);
        e.Bind(noX87);
        EmitTicks(e);
        e.Context(Sub, Rax, TranslatorContext.BeganAt);
        e.Context(Store, Rax, TranslatorContext.TicksAt);
        e.Context(Mxcsr, 2, TranslatorContext.HostMxcsrAt, wide: false);
        EmitForgetCalls(e);
        e.Context(Store, Rsp, TranslatorContext.CallsAt);
        e.Context(Mov, Rsp, TranslatorContext.HostStackAt);
        for (int i = s_saved.Length - 1; i >= 0; i--) e.Pop(s_saved[i]);
        e.Byte(0xc3);
    }

    // Looks at the place's own slot, of which only the near part has been tried, and for a range in the processor's table; then makes the probe that Memory.TryRead
    // and TryWrite make.
    private static void EmitSlow(CodeEmitter e, int size, bool write, int leave)
    {
        e.Memory(Sub, T, U);
        e.Memory(Cmp, T, U, TranslatorContext.LimitFor(size));
        int isOther = e.Jump(AboveOrEqual);
        e.Memory(Add, T, U);
        e.Byte(0xc3);

        e.Bind(isOther);
        e.Memory(Add, T, U);
        for (int way = 0; way < KnownRanges.Ways; way++) EmitKnown(e, size, write, way);
        e.Push(Rax);
        EmitIndex(e, FramePool.FrameShift, TranslationCache.Entries, sizeof(TlbEntry), TranslatorContext.TlbAt);
        e.Memory(Lea, U, T, size - 1);
        e.Registers(0x81, 4, U); // and U, -4096
        e.Int32(-FramePool.FrameSize);
        e.Memory(Cmp, U, Rax, write ? WriteTagAt : ReadTagAt);
        int miss = e.Jump(NotEqual), looks = EmitPatience(e);
        e.Memory(Mov, Rax, Rax, DeltaAt);
        e.Context(Mov, U, TranslatorContext.PageRangeAt);
        e.Memory(Store, Rax, U, TranslatorContext.DeltaAt);
        e.Pop(Rax);
        e.Byte(0xc3);

        e.Bind(looks);
        e.Context(StoreConstant, 0, TranslatorContext.PagePatienceAt, wide: false);
        e.Int32(PagePatience);
        e.Bind(miss);
        e.Context(Store, T, TranslatorContext.AddressAt);
        e.Pop(Rax);
        e.Pop(U);
        e.Memory(Lea, U, U, AfterSlow);
        e.Context(Store, U, TranslatorContext.SiteAt);
        EmitReturnTo(e, leave);
    }

    // Returns if the slot that the table has for T serves an access of that size.
    private static void EmitKnown(CodeEmitter e, int size, bool write, int way)
    {
        EmitRegion(e, write, way);
        e.Memory(Sub, T, U);
        e.Memory(Cmp, T, U, TranslatorContext.LimitAt);
        int unknown = e.Jump(AboveOrEqual), ends = EmitKnownEnd(e, size);
        e.Memory(Add, T, U);
        e.Byte(0xc3);
        if (ends >= 0)
        {
            e.Bind(ends);
            e.Memory(Lea, T, T, TranslatorContext.LargestAccess - size);
        }
        e.Bind(unknown);
        e.Memory(Add, T, U);
    }

    // U becomes the address of the slot that the table has for T, in one of the places where it may be: KnownRanges.IndexOf.
    public static void EmitRegion(CodeEmitter e, bool write, int way = 0)
    {
        e.Registers(Mov, U, T);
        e.Registers(0xc1, 5, U); // shr
        e.Byte(KnownRanges.RegionShift);
        e.Registers(0x69, U, U, wide: false); // imul
        e.Int32(unchecked((int)KnownRanges.Spread));
        e.Registers(0xc1, 5, U, wide: false);
        e.Byte(KnownRanges.IndexShift - Log2(KnownRanges.Ways * sizeof(ulong)));
        e.Registers(0x81, 4, U, wide: false); // and
        e.Int32((KnownRanges.Entries - KnownRanges.Ways) * sizeof(ulong));
        e.Context(Add, U, write ? TranslatorContext.WriteRangesAt : TranslatorContext.ReadRangesAt);
        e.Memory(Mov, U, U, way * sizeof(ulong));
    }

    // Counts down; answers the jump that is taken when nothing was left.
    private static int EmitPatience(CodeEmitter e)
    {
        e.Context(0x83, 5, TranslatorContext.PagePatienceAt, wide: false); // sub
        e.Byte(1);
        return e.Jump(Negative);
    }

    // rax becomes the address of the entry that T has in a direct-mapped table.
    private static void EmitIndex(CodeEmitter e, int shift, int entries, int size, int table)
    {
        e.Registers(Mov, Rax, T);
        e.Registers(0xc1, 5, Rax, wide: true); // shr
        e.Byte(shift);
        e.Byte(0x25); // and eax
        e.Int32(entries - 1);
        e.Registers(0xc1, 4, Rax, wide: false); // shl
        e.Byte(Log2(size));
        e.Context(Add, Rax, table);
    }

    public static void EmitRecord(CodeEmitter e, in ExitRecord record) => e.Data(record);

    private static void JumpThroughContext(CodeEmitter e, int field)
    {
        e.Byte(0x65);
        e.Byte(0xff);
        e.Byte(0x24);
        e.Byte(0x25);
        e.Int32(field);
    }

    private static int OffsetOf(CpuState* s, void* field) => (int)((byte*)field - (byte*)s);
}
