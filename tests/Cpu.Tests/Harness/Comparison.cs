using System.Globalization;
using System.Text;
using Iced.Intel;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>What may differ between the two processors without being wrong.</summary>
public sealed record Tolerance
{
    /// <summary>Status flags that are compared; those an instruction leaves undefined, and hosts differ in, are taken out.</summary>
    public ulong Flags { get; init; } = 0x8d5 | 0x400;

    /// <summary>Whether x87, MMX and SSE registers are compared.</summary>
    public bool Vectors { get; init; }

    /// <summary>Whether x87's last-instruction fields are compared.</summary>
    public bool FpPointers { get; init; }

    /// <summary>MXCSR bits that are compared.</summary>
    public uint Mxcsr { get; init; } = 0xffff;

    /// <summary>x87 status bits that are compared.</summary>
    public ushort FpStatus { get; init; } = 0xffff;
}

/// <summary>Compares what the host's processor and the interpreter made of the same vectors.</summary>
public static class Comparison
{
    /// <summary>Fails with a listing of the first few differences, if there are any.</summary>
    public static void AssertSame(ReadOnlySpan<Vector> vectors, Outcome[] native, Outcome[] interpreted, Func<int, Tolerance> tolerance)
    {
        var report = new StringBuilder();
        var byMnemonic = new SortedDictionary<string, int>();
        int differing = 0;
        for (int i = 0; i < vectors.Length; i++)
        {
            string difference = Describe(native[i], interpreted[i], tolerance(i));
            if (difference.Length == 0) continue;
            string name = FirstMnemonic(vectors[i]);
            byMnemonic[name] = byMnemonic.GetValueOrDefault(name) + 1;
            differing++;
            if (byMnemonic[name] == 1 && byMnemonic.Count <= 25) report.AppendLine(Disassemble(vectors[i])).Append(Inputs(vectors[i])).AppendLine(difference);
        }
        Assert.True(differing == 0, $"{differing} of {vectors.Length} vectors differ: {string.Join(", ", byMnemonic.Select(p => $"{p.Key} {p.Value}"))}\n{report}");
    }

    private static string Describe(in Outcome n, in Outcome k, Tolerance t)
    {
        var text = new StringBuilder();
        void Differ(string what, ulong native, ulong ours)
        {
            if (native != ours) text.Append(CultureInfo.InvariantCulture, $"    {what}: native {native:x}, interpreter {ours:x}\n");
        }
        Differ("signal", n.Signal, k.Signal);
        if (n.Signal == 11 && k.Signal == 11 && n.Code != 0x80) Differ("address", n.Address, k.Address);
        for (int r = 0; r < 16; r++) Differ(CpuNames[r], n.Gpr[r], k.Gpr[r]);
        Differ("rip", n.Rip, k.Rip);
        Differ("flags", n.Rflags & t.Flags, k.Rflags & t.Flags);
        for (int b = 0; b < Layout.WindowSize; b++) Differ($"byte {b:x}", n.Data[b], k.Data[b]);
        if (t.Vectors) DescribeVectors(n, k, t, Differ);
        return text.ToString();
    }

    private static void DescribeVectors(in Outcome n, in Outcome k, Tolerance t, Action<string, ulong, ulong> differ)
    {
        ReadOnlySpan<byte> a = n.Fx, b = k.Fx;
        differ("fcw", BitConverter.ToUInt16(a), BitConverter.ToUInt16(b));
        differ("fsw", (ulong)BitConverter.ToUInt16(a[2..]) & t.FpStatus, (ulong)BitConverter.ToUInt16(b[2..]) & t.FpStatus);
        differ("ftw", a[4], b[4]);
        differ("mxcsr", BitConverter.ToUInt32(a[24..]) & t.Mxcsr, BitConverter.ToUInt32(b[24..]) & t.Mxcsr);
        for (int i = 0; i < 8; i++)
        {
            int at = 32 + (i * 16);
            differ($"st{i} significand", BitConverter.ToUInt64(a[at..]), BitConverter.ToUInt64(b[at..]));
            differ($"st{i} exponent", BitConverter.ToUInt16(a[(at + 8)..]), BitConverter.ToUInt16(b[(at + 8)..]));
        }
        for (int i = 0; i < 32; i++)
        {
            int at = 160 + (i * 8);
            differ($"xmm{i / 2}{(i % 2 == 0 ? " low" : " high")}", BitConverter.ToUInt64(a[at..]), BitConverter.ToUInt64(b[at..]));
        }
        ReadOnlySpan<byte> there = n.Ymm, here = k.Ymm;
        for (int i = 0; i < 32; i++)
        {
            differ($"ymm{i / 2}{(i % 2 == 0 ? " third" : " fourth")}", BitConverter.ToUInt64(there[(i * 8)..]), BitConverter.ToUInt64(here[(i * 8)..]));
        }
        if (!t.FpPointers) return;
        differ("fop", BitConverter.ToUInt16(a[6..]), BitConverter.ToUInt16(b[6..]));
        differ("fip", BitConverter.ToUInt64(a[8..]), BitConverter.ToUInt64(b[8..]));
        differ("fdp", BitConverter.ToUInt64(a[16..]), BitConverter.ToUInt64(b[16..]));
    }

    private static readonly string[] CpuNames =
        ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    private static string FirstMnemonic(in Vector v)
    {
        ReadOnlySpan<byte> code = v.Code;
        return Iced.Intel.Decoder.Create(64, code[..(int)v.CodeLength].ToArray()).Decode().Code.ToString();
    }

    private static string Disassemble(in Vector v)
    {
        ReadOnlySpan<byte> code = v.Code;
        byte[] bytes = code[..(int)v.CodeLength].ToArray();
        var decoder = Iced.Intel.Decoder.Create(64, bytes, Layout.CodeBase + v.CodeOffset);
        var text = new StringBuilder(Convert.ToHexString(bytes)).Append(' ');
        while (decoder.IP < Layout.CodeBase + v.CodeOffset + v.CodeLength) text.Append(decoder.Decode()).Append("; ");
        return text.ToString();
    }

    private static string Inputs(in Vector v)
    {
        var text = new StringBuilder("    from");
        for (int r = 0; r < 16; r++) text.Append(CultureInfo.InvariantCulture, $" {CpuNames[r]}={v.Gpr[r]:x}");
        return text.Append(CultureInfo.InvariantCulture, $" flags={v.Rflags:x}\n").ToString();
    }
}
