using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Segments, far transfers, flags images, cpuid and what the kernel answers for.</summary>
public sealed unsafe class SystemInstructionTests(NativeProcessor native)
{
    private static readonly ushort[] Selectors =
        [0, 1, 3, 8, 0x10, 0x20, 0x23, 0x28, 0x2b, 0x30, 0x33, 0x37, 0x38, 0x40, 0x7c, 0x7f, 0xffff];

    [Fact]
    public void DescriptorQueriesAgree()
    {
        var vectors = new List<Vector>();
        foreach (ushort selector in Selectors)
        {
            foreach (ulong flags in (ulong[])[0x202, 0xad7])
            {
                vectors.Add(Of(flags, selector, static a => a.lar(eax, ecx)));
                vectors.Add(Of(flags, selector, static a => a.lar(ax, cx)));
                vectors.Add(Of(flags, selector, static a => a.lsl(eax, ecx)));
                vectors.Add(Of(flags, selector, static a => a.verr(cx)));
                vectors.Add(Of(flags, selector, static a => a.verw(cx)));
            }
        }
        AssertAgree(vectors);
    }

    [Fact]
    public void SegmentLoadsAgree()
    {
        var vectors = new List<Vector>();
        foreach (ushort selector in Selectors)
        {
            vectors.Add(Of(0x202, selector, static a =>
            {
                a.mov(ds, ecx);
                a.mov(eax, ds);
                a.xor(edx, edx);
                a.mov(ds, edx);
            }));
            vectors.Add(Of(0x202, selector, static a =>
            {
                a.mov(es, ecx);
                a.mov(__word_ptr[rsp + 8], es);
                a.xor(edx, edx);
                a.mov(es, edx);
            }));
            vectors.Add(Of(0x202, selector, static a => a.mov(ss, ecx)));
        }
        AssertAgree(vectors);
    }

    [Fact]
    public void FarReturnsAgree()
    {
        const ulong target = Layout.CodeBase + 0x900;
        var vectors = new List<Vector>();
        foreach (int selector in (int[])[0x33, 0, 0x2b, 0x10])
        {
            vectors.Add(Of(0x202, 0, a =>
            {
                a.push(selector);
                a.push((int)target);
                a.db(0x48, 0xcb);
            }));
            vectors.Add(Of(0x202, 0, a =>
            {
                a.push(selector);
                a.push((int)target);
                a.db(0x48, 0xca, 0x10, 0x00);
            }));
            vectors.Add(Of(0x202, 0, a =>
            {
                a.lea(rax, __[rsp - 64]);
                a.push(0x2b);
                a.push(rax);
                a.push(0xcd7);
                a.push(selector);
                a.push((int)target);
                a.iretq();
            }));
        }
        AssertAgree(vectors);
    }

    [Fact]
    public void FlagImagesAgree()
    {
        var vectors = new List<Vector>();
        foreach (int image in (int[])[0, 0x8d5, 0xfd5 & ~0x300, 0x4cd5, 0x7ccf, 0x200cd7, 0x1b3cd5 & ~0x40000])
        {
            vectors.Add(Of(0x202, 0, a =>
            {
                a.push(image);
                a.popfq();
                a.pushfq();
                a.pop(rax);
            }));
            vectors.Add(Of(0x202, 0, a =>
            {
                a.push(image);
                a.popf();
                a.pushf();
                a.pop(ax);
            }));
        }
        AssertAgree(vectors);
    }

    [Fact]
    public void CpuidDescribesTheLevelThatIsThere()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(GuestCode.Code, static a =>
        {
            a.cpuid();
            a.int3();
        });
        (uint a, uint b, uint c, uint d) Ask(uint leaf, uint subleaf = 0)
        {
            guest.State->Rip = GuestCode.Code;
            guest[CpuState.Rax] = 0xffff_ffff_0000_0000 | leaf;
            guest[CpuState.Rcx] = subleaf;
            Assert.Equal(StopReason.Breakpoint, guest.Run());
            Assert.Equal(0u, guest[CpuState.Rax] >> 32);
            return ((uint)guest[CpuState.Rax], (uint)guest[CpuState.Rbx], (uint)guest[CpuState.Rcx], (uint)guest[CpuState.Rdx]);
        }
        const uint sse3 = 1, ssse3 = 1 << 9, cx16 = 1 << 13, sse41 = 1 << 19, sse42 = 1 << 20, popcnt = 1 << 23;
        const uint fma = 1 << 12, movbe = 1 << 22, aes = 1 << 25, xsave = 1 << 26, avx = 1 << 28, rdrand = 1 << 30;
        uint features = Ask(1).c;
        Assert.Equal(sse3 | ssse3 | cx16 | sse41 | sse42 | popcnt, features & (sse3 | ssse3 | cx16 | sse41 | sse42 | popcnt));
        Assert.Equal(aes, features & (fma | movbe | aes | xsave | avx | rdrand));
        const uint erms = 1 << 9, sha = 1 << 29;
        Assert.Equal(erms | sha, Ask(7).b);
        Assert.Equal(0u, Ask(7, 1).b);
        Assert.Equal(1u, Ask(0x8000_0001).c & 1); // lahf
        Assert.Equal(0u, Ask(0x8000_0001).c & (1 << 5)); // lzcnt
        Assert.True(Ask(0).a >= 0xb);
        Assert.Equal(1u, Ask(4).a & 0x1f); // a data cache
        Assert.Equal(0u, Ask(4, 9).a & 0x1f);

        // Leaf 2 names the same caches by number (Intel SDM volume 2, table "Encoding of CPUID Leaf 2 Descriptors"), in one call, and does not refer to leaf 4.
        Dictionary<uint, (uint Type, uint Level, uint Bytes)> byNumber = new() { [0x2c] = (1, 1, 32 << 10), [0x09] = (2, 1, 32 << 10), [0x21] = (3, 2, 256 << 10), [0xe4] = (3, 3, 8 << 20) };
        (uint a2, uint b2, uint c2, uint d2) = Ask(2);
        Assert.Equal(1u, a2 & 0xff);
        byte[] named = [.. BitConverter.GetBytes(a2)[1..], .. BitConverter.GetBytes(b2), .. BitConverter.GetBytes(c2), .. BitConverter.GetBytes(d2)];
        Assert.Equal(Enumerable.Range(0, 4).Select(n => Ask(4, (uint)n)).Select(l => (l.a & 0x1f, l.a >> 5 & 7, ((l.b >> 22) + 1) * ((l.b & 0xfff) + 1) * (l.c + 1))).Order(),
            named.Where(n => n != 0).Select(n => byNumber[n]).Order());
    }

    [Fact]
    public void TimeStampsComeFromTheProcessor()
    {
        using var machine = new BareMachine();
        machine.Processors[0].ReadTimeStamp = static () => 0x1234_5678_9abc_def0;
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(GuestCode.Code, static a =>
        {
            a.rdtsc();
            a.mov(ebx, eax);
            a.rdtscp();
            a.int3();
        });
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(0x9abc_def0u, guest[CpuState.Rbx]);
        Assert.Equal(0x9abc_def0u, guest[CpuState.Rax]);
        Assert.Equal(0x1234_5678u, guest[CpuState.Rdx]);
        Assert.Equal(0u, guest[CpuState.Rcx]);
    }

    [Fact]
    public void SyscallLeavesWithRipAndFlagsInRegisters()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(GuestCode.Code, static a =>
        {
            a.xor(eax, eax);
            a.syscall();
        });
        Assert.Equal(StopReason.SystemCall, guest.Run());
        Assert.Equal(GuestCode.Code + 4, guest.State->Rip);
        Assert.Equal(GuestCode.Code + 4, guest[CpuState.Rcx]);
        Assert.Equal(0x246u, guest[CpuState.R11]);
        Assert.Equal(2u, guest.State->Retired);
    }

    [Theory]
    [InlineData("0F0B", StopReason.InvalidOpcode)] // ud2
    [InlineData("0FB9C0", StopReason.InvalidOpcode)] // ud1
    [InlineData("0FFFC0", StopReason.InvalidOpcode)] // ud0
    [InlineData("CE", StopReason.InvalidOpcode)] // into
    [InlineData("D4", StopReason.InvalidOpcode)] // aam
    [InlineData("0F34", StopReason.InvalidOpcode)] // sysenter
    [InlineData("0FC7F0", StopReason.InvalidOpcode)] // rdrand
    [InlineData("0F01D0", StopReason.InvalidOpcode)] // xgetbv
    [InlineData("F3480FAEC0", StopReason.InvalidOpcode)] // rdfsbase
    [InlineData("C5FC77", StopReason.InvalidOpcode)] // vzeroall
    [InlineData("0F38F000", StopReason.InvalidOpcode)] // movbe
    [InlineData("F4", StopReason.GeneralProtection)] // hlt
    [InlineData("FA", StopReason.GeneralProtection)] // cli
    [InlineData("EC", StopReason.GeneralProtection)] // in
    [InlineData("6E", StopReason.GeneralProtection)] // outs
    [InlineData("F36C", StopReason.GeneralProtection)] // rep ins
    [InlineData("0F20C0", StopReason.GeneralProtection)] // mov rax, cr0
    [InlineData("0F21C0", StopReason.GeneralProtection)] // mov rax, dr0
    [InlineData("0F33", StopReason.GeneralProtection)] // rdpmc
    [InlineData("0F32", StopReason.GeneralProtection)] // rdmsr
    [InlineData("0F09", StopReason.GeneralProtection)] // wbinvd
    [InlineData("0F01F8", StopReason.GeneralProtection)] // swapgs
    [InlineData("0F0118", StopReason.GeneralProtection)] // lidt
    [InlineData("CD80", StopReason.GeneralProtection)] // int 80h
    public void ForbiddenInstructionsStop(string code, StopReason expected)
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        machine.Write(GuestCode.Code, Convert.FromHexString(code + "C0C0"));
        Assert.Equal(expected, guest.Run());
        Assert.Equal(GuestCode.Code, guest.State->Rip);
        Assert.Equal(0u, guest.State->Retired);
    }

    [Fact]
    public void HintsDoNothing()
    {
        string[] hints =
        [
            "90", "6690", "F390", "0F0D08", "0F0D00", "0F0D18", "0F0D20", "0F1800", "0F1808", "0F1810", "0F1818", "0F1820", "0F1838", "0F18C0",
            "0F19C0", "0F1900", "0F1AC0", "0F1A00", "0F1BC0", "0F1B00", "0F1CC0", "0F1C00", "0F1C08", "0F1DC0", "0F1D00", "0F1EC0", "0F1E00",
            "F30F1EFA", "F30F1EFB", "F30F1EC8", "F3480F1EC8", "0F1FC0", "0F1F00", "660F1F440000", "0FAEE8", "0FAEF0", "0FAEF8", "0FAE38",
        ];
        var vectors = new List<Vector>();
        foreach (string hint in hints)
        {
            Vector v = Vector.Plain();
            v.Gpr[0] = Layout.WindowBase;
            v.SetCode(Convert.FromHexString(hint));
            vectors.Add(v);
        }
        AssertAgree(vectors);
    }

    private static Vector Of(ulong flags, ulong rcx, Action<Assembler> write)
    {
        Vector v = Vector.Plain();
        v.Rflags = flags;
        v.Gpr[0] = 0xdead_beef_cafe_babe;
        v.Gpr[1] = rcx;
        v.SetCode(GuestCode.Bytes(Layout.CodeBase + 0x800, write));
        return v;
    }

    private void AssertAgree(List<Vector> vectors)
    {
        Vector[] all = [.. vectors];
        using var interpreted = new InterpretedProcessor();
        Comparison.AssertSame(all, native.Run(all), interpreted.Run(all), static _ => new Tolerance());
    }
}
