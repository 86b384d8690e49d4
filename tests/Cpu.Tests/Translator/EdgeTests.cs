using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Every addressing mode and kind of access at every edge: of what is mapped, of rights, of contiguous frames, of the address range. Both
/// engines must end alike, with the same bytes everywhere, in frames that are not mapped too.
/// </summary>
public sealed unsafe class EdgeTests : IDisposable
{
    private const ulong Code = 0x40_0000, Data = 0x6000_0000;
    private const uint Written = 0x5a5a_1234;

    // Where accesses begin, less up to 17 bytes: what is there is said in Side.
    private static readonly ulong[] s_edges =
    [
        0, Data, Data + 0x1000, Data + 0x2000, Data + 0x3000, Data + 0x4000, Data + 0x6000, Data + 0x7000, Data + 0x8000, 0x8000_0000, 0x1_0000_0000,
        PageTable.AddressLimit, 0x8000_0000_0000, 0xffff_8000_0000_0000, 0x9000_0000_0000_0000,
    ];

    private readonly Side _interpreted = new(translate: false), _translated = new(translate: true);

    [Fact]
    public void EveryAddressingModeAtEveryEdge()
    {
        (string Name, Action<Assembler, Operand> Emit)[] accesses = Accesses();
        foreach (Mode mode in Modes())
        {
            foreach ((string name, var emit) in accesses)
            {
                byte[] code = Assemble(a => emit(a, mode.Operand));
                foreach (ulong edge in s_edges)
                {
                    foreach (int offset in (int[])[-17, -16, -15, -9, -8, -7, -5, -4, -3, -2, -1, 0, 1, 16])
                    {
                        ulong target = edge + (ulong)(long)offset;
                        AssertSame($"{name} {mode.Name} at {target:x}", code, s => mode.Aim(s, Data + 0x800)); // so that a range is at hand
                        AssertSame($"{name} {mode.Name} at {target:x}", code, s => mode.Aim(s, target));
                    }
                }
            }
        }
    }

    [Fact]
    public void StringInstructionsOverEdges()
    {
        var random = new Random(5);
        byte[] forms = [0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad, 0xa6, 0xa7, 0xae, 0xaf];
        for (int n = 0; n < 6000; n++)
        {
            byte[] prefix = random.Next(4) switch { 0 => [], 1 => [0xf2], _ => [0xf3] };
            byte[] width = random.Next(3) switch { 0 => [], 1 => [0x66], _ => [0x48] };
            byte[] direction = random.Next(4) == 0 ? [0xfd] : [];
            byte[] code = width is [0x66] ? [.. direction, .. width, .. prefix, forms[random.Next(forms.Length)], 0xfc, 0xcc] : [.. direction, .. prefix, .. width, forms[random.Next(forms.Length)], 0xfc, 0xcc];
            ulong Near() => s_edges[random.Next(s_edges.Length)] + (ulong)random.Next(-300, 300);
            ulong source = Near(), target = random.Next(3) == 0 ? source + (ulong)random.Next(-20, 20) : Near();
            ulong count = random.Next(20) == 0 ? ulong.MaxValue >> random.Next(40) : (ulong)random.Next(700), value = (ulong)random.Next(3) * 0x0101_0101_0101_0101;
            AssertSame($"{Convert.ToHexString(code)} from {source:x} to {target:x}, {count:x} times", code, s =>
            {
                ((CpuState*)s)->R[CpuState.Rsi] = source;
                ((CpuState*)s)->R[CpuState.Rdi] = target;
                ((CpuState*)s)->R[CpuState.Rcx] = count;
                ((CpuState*)s)->R[CpuState.Rax] = value;
            });
        }
    }

    private static (string, Action<Assembler, Operand>)[] Accesses() =>
    [
        ("load byte", static (a, at) => a.movzx(r9d, at(__byte_ptr, 0))),
        ("load", static (a, at) => a.mov(r9, at(__qword_ptr, 0))),
        ("load vector", static (a, at) => a.movups(xmm3, at(__xmmword_ptr, 0))),
        ("store word", static (a, at) => a.mov(at(__word_ptr, 0), 0x1234)),
        ("store", static (a, at) => a.mov(at(__qword_ptr, 0), r9)),
        ("store vector", static (a, at) => a.movups(at(__xmmword_ptr, 0), xmm3)),
        ("store aligned", static (a, at) => a.movaps(at(__xmmword_ptr, 0), xmm3)),
        ("modify", static (a, at) => a.add(at(__dword_ptr, 0), 7)),
        ("exchange", static (a, at) => a.xchg(at(__qword_ptr, 0), r9)),
        ("push", static (a, at) => a.push(at(__qword_ptr, 0))),
        ("load real", static (a, at) => { a.fld(at(__qword_ptr, 0)); a.fstp(st0); }),
        ("store real", static (a, at) => { a.fld1(); a.fstp(at(__tbyte_ptr, 0)); }),
        ("jump", static (a, at) => a.jmp(at(__qword_ptr, 0))),
        ("two", static (a, at) => { a.mov(r9, at(__qword_ptr, 8)); a.mov(at(__dword_ptr, 0), r9d); a.add(r9, at(__qword_ptr, 16)); }),
    ];

    private static Mode[] Modes() =>
    [
        new("[rbx]", static (f, d) => f[rbx + d], static (s, t) => R(s)[CpuState.Rbx] = t),
        new("[rbx-128]", static (f, d) => f[rbx - 128 + d], static (s, t) => R(s)[CpuState.Rbx] = t + 128),
        new("[r15+0x7fffff00]", static (f, d) => f[r15 + 0x7fff_ff00 + d], static (s, t) => R(s)[CpuState.R15] = t - 0x7fff_ff00),
        new("[r10-0x80000000]", static (f, d) => f[r10 - 0x8000_0000L + d], static (s, t) => R(s)[CpuState.R10] = t + 0x8000_0000),
        new("[rsp+8]", static (f, d) => f[rsp + 8 + d], static (s, t) => R(s)[CpuState.Rsp] = t - 8),
        new("[rbp]", static (f, d) => f[rbp + d], static (s, t) => R(s)[CpuState.Rbp] = t),
        new("[rsi+rdi]", static (f, d) => f[rsi + rdi + d], static (s, t) => (R(s)[CpuState.Rsi], R(s)[CpuState.Rdi]) = (t + 0x1234_5678_9abc, unchecked((ulong)-0x1234_5678_9abc))),
        new("[r11+r10*8+16]", static (f, d) => f[r11 + (r10 * 8) + 16 + d], static (s, t) => (R(s)[CpuState.R11], R(s)[CpuState.R10]) = (t - 16 - (3ul << 63), 3ul << 60)),
        new("[r11+r11*2]", static (f, d) => f[r11 + (r11 * 2) + d], static (s, t) => R(s)[CpuState.R11] = t * 0xaaaa_aaaa_aaaa_aaab),
        new("[rax*4-4]", static (f, d) => f[(rax * 4) - 4 + d], static (s, t) => R(s)[CpuState.Rax] = (t + 4) / 4),
        new("[ebx+1]", static (f, d) => f[ebx + 1 + d], static (s, t) => R(s)[CpuState.Rbx] = (t - 1) | 0xdead_0000_0000_0000),
        new("[r10d+r11d*2]", static (f, d) => f[r10d + (r11d * 2) + d], static (s, t) => (R(s)[CpuState.R10], R(s)[CpuState.R11]) = (t - 0xffff_fff0, 0x7fff_fff8)),
        new("fs:[rcx]", static (f, d) => f.fs[rcx + d], static (s, t) => (R(s)[CpuState.FsBase], R(s)[CpuState.Rcx]) = (t - 0xffff_ffff_0000, 0xffff_ffff_0000)),
        new("gs:[8]", static (f, d) => f.gs[(ulong)(8 + d)], static (s, t) => R(s)[CpuState.GsBase] = t - 8),
        new("[absolute]", static (f, d) => f[Data + 0xff9 + (ulong)d], static (s, t) => { }),
    ];

    private static ulong* R(nint state) => ((CpuState*)state)->R;

    private static byte[] Assemble(Action<Assembler> write)
    {
        var a = new Assembler(64);
        a.mov(r9d, Written);
        write(a);
        a.int3();
        using var stream = new MemoryStream();
        a.Assemble(new StreamCodeWriter(stream), Code);
        return stream.ToArray();
    }

    private void AssertSame(string what, byte[] code, Action<nint> aim)
    {
        string expected = _interpreted.Run(code, aim), actual = _translated.Run(code, aim);
        int at = _interpreted.All.CommonPrefixLength(_translated.All);
        if (expected != actual || at != _interpreted.All.Length) Assert.Fail($"{what}: {actual}, interpreted {expected}; memory differs at {at:x}");
    }

    public void Dispose()
    {
        _interpreted.Dispose();
        _translated.Dispose();
    }

    private delegate AssemblerMemoryOperand Operand(AssemblerMemoryOperandFactory size, long distance);

    /// <param name="Name">What it is called.</param>
    /// <param name="Operand">The operand.</param>
    /// <param name="Aim">Sets the registers so that it is at an address.</param>
    private sealed record Mode(string Name, Operand Operand, Action<nint, ulong> Aim);

    private sealed class Side : IDisposable
    {
        private readonly BareMachine _machine;
        private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        private static readonly byte[] s_content = [.. Enumerable.Range(0, FramePool.FrameSize).Select(static i => (byte)(i * 7))];
        private byte[]? _code;

        public Side(bool translate)
        {
            _machine = new BareMachine(memory: 1 << 17, translate: translate, counts: true);
            _machine.Map(Code, 1, PageAccess.Read | PageAccess.Execute);
            _machine.Map(Data, 2, PageAccess.Read | PageAccess.Write); // contiguous
            _machine.Frames.Allocate();
            _machine.Map(Data + 0x2000, 1, PageAccess.Read | PageAccess.Write); // not so
            _machine.Map(Data + 0x3000, 1, PageAccess.Read); // contiguous, but not to be written
            _machine.Map(Data + 0x7000, 1, PageAccess.Read | PageAccess.Write | PageAccess.Execute); // between holes
            _machine.Map(0x8000_0000 - 0x1000, 2, PageAccess.Read | PageAccess.Write);
            _machine.Map(0x1_0000_0000 - 0x1000, 2, PageAccess.Read | PageAccess.Write);
            _machine.Map(PageTable.AddressLimit - 0x1000, 1, PageAccess.Read | PageAccess.Write);
            while (_machine.Frames.Allocate() != FramePool.None)
            {
                // They belong to nobody, and are looked at.
            }
        }

        public Span<byte> All => new(_machine.Frames.Pointer(0), _machine.Frames.Limit * FramePool.FrameSize);

        /// <summary>Runs code; answers what is to be seen afterwards.</summary>
        public string Run(byte[] code, Action<nint> aim)
        {
            for (ulong page = 0; page < 3; page++) Refill(Data + (page * 0x1000));
            Refill(Data + 0x7000);
            if (code != _code) _machine.Write(Code, code);
            _code = code;
            _state->Reset();
            for (int i = 0; i < 16; i++) _state->R[i] = (ulong)i * 0x0101_0101_0101;
            _state->R[CpuState.Rsp] = Data + 0x1f00;
            _state->Rip = Code;
            aim((nint)_state);
            StopReason stop = _machine.Run(_state, 3000);
            var hash = new HashCode();
            for (int i = 0; i < 16; i++) hash.Add(_state->R[i]);
            hash.AddBytes(new ReadOnlySpan<byte>(_state->Xmm, 256));
            return $"{stop} rip {_state->Rip:x} retired {_state->Retired} rsp {_state->R[CpuState.Rsp]:x} r9 {_state->R[9]:x} rcx {_state->R[CpuState.Rcx]:x} {(stop == StopReason.PageFault ? $"fault {_state->FaultAccess} {_state->FaultAddress:x}" : "")} registers {hash.ToHashCode():x}";
        }

        private void Refill(ulong page)
        {
            Pte pte = _machine.Memory.Walk(page, out _);
            s_content.CopyTo(new Span<byte>(_machine.Frames.Pointer(pte.Frame), FramePool.FrameSize));
        }

        public void Dispose()
        {
            _machine.Dispose();
            NativeMemory.AlignedFree(_state);
        }
    }
}
