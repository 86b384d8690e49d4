using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Loops whose places have their slots in registers that the loop does not name, over pages of all kinds, in both engines: at each stop, and at the
/// end, all registers are what they should be.
/// </summary>
public sealed unsafe class PinTests : IDisposable
{
    private const ulong Data = FaultingMachine.Data;
    private const int Step = 24, Rounds = 200;

    private readonly TranslationMeter _meter = new(static () => 0);
    private FaultingMachine? _interpreted, _translated;

    /// <summary>How many accesses of a loop use pins, and the loop's body: what it does near three registers.</summary>
    private static readonly Dictionary<string, Loop> s_loops = new()
    {
        ["read"] = new(1, static (a, p, q, s, end) => a.add(rax, __qword_ptr[p])),
        ["write"] = new(1, static (a, p, q, s, end) => a.mov(__qword_ptr[q], rax)),
        ["modify"] = new(1, static (a, p, q, s, end) => a.add(__dword_ptr[q + 4], 7)),
        ["both"] = new(1, static (a, p, q, s, end) =>
        {
            a.mov(rdx, __qword_ptr[p]);
            a.mov(__qword_ptr[p + 8], rax); // a check for both, which is one for writing
        }),
        ["copy"] = new(2, static (a, p, q, s, end) =>
        {
            a.mov(rax, __qword_ptr[p]);
            a.mov(__qword_ptr[q], rax);
        }),
        ["indexed"] = new(2, static (a, p, q, s, end) =>
        {
            a.mov(edx, ecx);
            a.and(edx, 63);
            a.mov(rax, __qword_ptr[p + (rdx * 8)]);
            a.mov(__qword_ptr[q + (rdx * 4)], rax);
        }),
        ["three"] = new(3, static (a, p, q, s, end) =>
        {
            a.add(rax, __qword_ptr[p]);
            a.xor(rax, __qword_ptr[s + 8]);
            a.mov(__qword_ptr[q + 16], rax);
        }),
        ["four"] = new(4, static (a, p, q, s, end) =>
        {
            a.add(rax, __qword_ptr[p]);
            a.sub(rax, __qword_ptr[s]);
            a.mov(__qword_ptr[q], rax);
            a.add(__qword_ptr[r8], eax);
        }),
        ["five"] = new(4, static (a, p, q, s, end) =>
        {
            a.add(rax, __qword_ptr[p]);
            a.mov(__qword_ptr[r8], rax);
            a.sub(rax, __qword_ptr[s]);
            a.mov(__qword_ptr[q], rax);
            a.xor(rax, __qword_ptr[r9]); // for which there is no pin
        }),
        ["flags"] = new(3, static (a, p, q, s, end) => // they live across accesses
        {
            a.cmp(rax, rdx);
            a.mov(rax, __qword_ptr[p]);
            a.adc(rdx, __qword_ptr[s]);
            a.mov(__qword_ptr[q], rdx);
            a.adc(rax, 5);
        }),
        ["behind"] = new(2, static (a, p, q, s, end) =>
        {
            a.mov(rax, __qword_ptr[p - 24]);
            a.mov(__byte_ptr[q - 1], al);
        }),
        ["near"] = new(2, static (a, p, q, s, end) => // near the end of a range, registers stay where they are
        {
            a.mov(eax, __dword_ptr[p + 0xfc]);
            a.mov(__qword_ptr[q + 0x80], rax);
        }),
        ["wide"] = new(2, static (a, p, q, s, end) => // so many bytes that they have a limit of their own
        {
            a.movups(xmm0, __xmmword_ptr[p]);
            a.movups(xmm1, __xmmword_ptr[p + 200]);
            a.movups(__xmmword_ptr[q], xmm0);
            a.movups(__xmmword_ptr[q + 40], xmm1);
        }),
        ["moved"] = new(2, static (a, p, q, s, end) => // between two accesses that share a check
        {
            a.mov(rax, __qword_ptr[p]);
            a.add(p, 8);
            a.add(rax, __qword_ptr[p]);
            a.mov(__qword_ptr[q], rax);
        }),
        ["leaves"] = new(2, static (a, p, q, s, end) =>
        {
            a.test(__byte_ptr[p], 0x1f);
            a.je(end);
            a.mov(__qword_ptr[q], rax);
            a.lea(rax, __[rax + rdx]);
        }),
        ["stack"] = new(2, static (a, p, q, s, end) => // a group, which has a slot of its own
        {
            a.push(rax);
            a.mov(rdx, __qword_ptr[p]);
            a.mov(__qword_ptr[q], rdx);
            a.pop(rax);
            a.lea(rsp, __[rsp + 8]);
        }),
        ["constant"] = new(2, static (a, p, q, s, end) => // which needs no pin, nor does what is near the base of FS; both pages are missing
        {
            a.mov(rdx, __qword_ptr[Data + 0x2008]);
            a.add(rax, __qword_ptr[p]);
            a.add(rax, __qword_ptr.fs[16]);
            a.xor(rax, rdx);
            a.mov(__qword_ptr[q], rax);
        }),
        ["divides"] = new(2, static (a, p, q, s, end) => // until one by zero
        {
            a.mov(eax, ecx);
            a.xor(edx, edx);
            a.div(__dword_ptr[p]);
            a.mov(__dword_ptr[q], edx);
        }),
        ["bits"] = new(2, static (a, p, q, s, end) =>
        {
            a.btc(__dword_ptr[q], ecx);
            a.sbb(eax, eax);
            a.bt(__qword_ptr[p], rcx);
            a.adc(rax, 3);
        }),
        ["locked"] = new(2, static (a, p, q, s, end) =>
        {
            a.@lock.xadd(__dword_ptr[q], eax);
            a.@lock.inc(__word_ptr[p]);
        }),
        ["aligned"] = new(2, static (a, p, q, s, end) =>
        {
            a.paddd(xmm1, __xmmword_ptr[p]);
            a.movaps(__xmmword_ptr[q], xmm1);
            a.add(p, 16 - Step);
            a.add(q, 16 - Step);
        }),
        ["ymm"] = new(2, static (a, p, q, s, end) =>
        {
            a.vpaddd(ymm1, ymm1, __ymmword_ptr[p + 200]);
            a.vmovups(__ymmword_ptr[q], ymm1);
        }, CpuLevel.V3),
        ["masked"] = new(3, static (a, p, q, s, end) => // at a range's edge they are the interpreter's
        {
            a.vmovdqu(ymm2, __ymmword_ptr[s]);
            a.vpmaskmovd(ymm1, ymm2, __ymmword_ptr[p]);
            a.vzeroupper();
            a.vmaskmovps(__ymmword_ptr[q + 8], ymm2, ymm1);
        }, CpuLevel.V3),
        ["x87"] = new(0, static (a, p, q, s, end) => // other exits than those for memory lead back
        {
            a.fild(__qword_ptr[p]);
            a.fistp(__qword_ptr[q]);
        }),
        ["control"] = new(0, static (a, p, q, s, end) =>
        {
            a.mov(rdx, __qword_ptr[p]);
            a.stmxcsr(__dword_ptr[q]);
            a.ldmxcsr(__dword_ptr[q]);
        }),
        ["goes on"] = new(3, static (a, p, q, s, end) => // behind the loop, in the same block
        {
            Label top = a.CreateLabel();
            a.lea(rax, __[rax + 5]);
            a.Label(ref top);
            a.mov(rax, __qword_ptr[p]);
            a.mov(__qword_ptr[q], rax);
            a.add(p, Step);
            a.add(q, Step);
            a.dec(ecx);
            a.jne(top);
            a.xor(rax, __qword_ptr[s]);
            a.inc(ecx);
        }),
    };

    private sealed record Loop(int Pinned, Body Body, CpuLevel Level = CpuLevel.V2);

    private delegate void Body(Assembler a, AssemblerRegister64 p, AssemblerRegister64 q, AssemblerRegister64 s, Label end);

    public static TheoryData<string, bool> Loops
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string loop in s_loops.Keys)
            {
                data.Add(loop, false);
                data.Add(loop, true); // its pointers are registers that have no home in the host's, and change places
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void BothEnginesDoTheSame(string loop, bool exchanges)
    {
        (int pinned, Body body, CpuLevel level) = s_loops[loop];
        Begin(level);
        byte[] code = Assemble(body, exchanges);
        Run(code, Data + 0x100, Data + 0x3100, Data + 0x4100, seed: 0, rounds: 40, loop);
        Assert.Equal(pinned, _meter.Pinned);
        for (int page = 0; page < FaultingMachine.Pages; page++)
        {
            for (int n = 0; n < 6; n++)
            {
                ulong border = Data + (ulong)(page * FramePool.FrameSize), other = Data + (ulong)((page + 3 + n) % FaultingMachine.Pages * FramePool.FrameSize);
                Run(code, border - (ulong)(n * 16), other + 0x7f0 + (ulong)(n * 16), border + 0x800, seed: (page * 6) + n, Rounds, loop);
            }
        }
    }

    /// <summary>After a fault a loop goes on as it was, with pins: nothing is translated for that.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFaultIsGoneOnWithInTheLoop(bool exchanges)
    {
        Begin(CpuLevel.V2);
        byte[] code = Assemble(s_loops["copy"].Body, exchanges);
        Run(code, Data + 0x100, Data + 0x3100, 0, seed: 0, Rounds, "copy");
        Assert.Single(_translated!.Trace);
        long blocks = _meter.Blocks;
        Run(code, Data + 0x1f00, Data + 0x5f00, 0, seed: 0, Rounds, "copy"); // a page that is missing, and two that cannot be written
        Assert.Equal(4, _translated.Trace.Count);
        Assert.Equal(2 * blocks, _meter.Blocks);
        Assert.Equal(4, _meter.Pinned);
    }

    public void Dispose()
    {
        _interpreted?.Dispose();
        _translated?.Dispose();
    }

    private void Begin(CpuLevel level)
    {
        _interpreted = new FaultingMachine(translate: false, counts: false, level);
        _translated = new FaultingMachine(translate: true, counts: false, level);
        ((TranslatorEngine)_translated.Engine).Meter = _meter;
    }

    private static byte[] Assemble(Body body, bool exchanges) => GuestCode.Bytes(FaultingMachine.Code, a =>
    {
        Label top = a.CreateLabel(), end = a.CreateLabel();
        (AssemblerRegister64 p, AssemblerRegister64 q, AssemblerRegister64 s) = exchanges ? (r10, r11, r15) : (rsi, rdi, rbx);
        a.Label(ref top);
        body(a, p, q, s, end);
        a.add(p, Step);
        a.add(q, Step);
        a.add(s, Step);
        a.dec(ecx);
        a.jne(top);
        a.Label(ref end);
        a.int3();
    });

    private void Run(byte[] code, ulong p, ulong q, ulong s, int seed, int rounds, string loop)
    {
        FaultingMachine.Setup setup = state =>
        {
            (state->R[CpuState.Rsi], state->R[CpuState.Rdi], state->R[CpuState.Rbx]) = (p, q, s);
            (state->R[CpuState.R10], state->R[CpuState.R11], state->R[CpuState.R15]) = (p, q, s);
            (state->R[CpuState.R8], state->R[CpuState.R9]) = (Data + 0x4ff0, Data + 0x7008);
            state->R[CpuState.Rsp] = s;
            state->R[CpuState.FsBase] = Data + 0x8ff0;
            state->R[CpuState.Rcx] = (ulong)rounds;
        };
        _interpreted!.Run(code, setup, seed);
        _translated!.Run(code, setup, seed);
        Assert.True(_interpreted.Trace.SequenceEqual(_translated.Trace), $"{loop} at {p:x}, {q:x}, {s:x}:\n{string.Join('\n', _interpreted.Trace)}\ntranslated\n{string.Join('\n', _translated.Trace)}");
    }
}
