using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>Where code and data of test vectors lie; the same natively (native.c) and in the interpreter.</summary>
public static class Layout
{
    public const ulong CodeBase = 0x1000_0000, DataBase = 0x2000_0000;

    public const int CodePages = 3, DataPages = 2, WindowSize = 512, CodeSize = 64;

    /// <summary>The bytes of data that a vector sets: half of them in each of the two pages.</summary>
    public const ulong WindowBase = DataBase + 0x1000 - (WindowSize / 2);
}

[InlineArray(16)]
public struct GeneralRegisters
{
    private ulong _first;
}

[InlineArray(512)]
public struct FxImage
{
    private byte _first;
}

[InlineArray(256)]
public struct YmmImage
{
    private byte _first;
}

[InlineArray(Layout.WindowSize)]
public struct DataWindow
{
    private byte _first;
}

[InlineArray(Layout.CodeSize)]
public struct CodeBytes
{
    private byte _first;
}

/// <summary>Code and the state that it starts from. (native.c: struct vector)</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Vector
{
    public CodeBytes Code;
    public uint CodeOffset, CodeLength;
    public GeneralRegisters Gpr;
    public ulong Rflags;
    public FxImage Fx;
    public YmmImage Ymm;
    public DataWindow Data;

    /// <summary>A state with nothing in particular: flags clear, stack pointer inside the window, x87 and SSE as after start.</summary>
    public static Vector Plain()
    {
        var v = new Vector { Rflags = 0x202 };
        v.Gpr[4] = Layout.WindowBase + (Layout.WindowSize / 2);
        v.Fx[0] = 0x7f;
        v.Fx[1] = 0x03;
        v.Fx[24] = 0x80;
        v.Fx[25] = 0x1f;
        return v;
    }

    public void SetCode(ReadOnlySpan<byte> code, uint offset = 0x800)
    {
        code.CopyTo(Code);
        CodeLength = (uint)code.Length;
        CodeOffset = offset;
    }
}

/// <summary>What the code left. (native.c: struct outcome)</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Outcome
{
    /// <summary>5 (SIGTRAP) when the code ran to its end.</summary>
    public uint Signal, Code;
    public ulong Address;
    public GeneralRegisters Gpr;
    public ulong Rip, Rflags;
    public FxImage Fx;
    public YmmImage Ymm;
    public DataWindow Data;
}
