using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>Masks, actions, stacks and siginfo.</summary>
internal static class SignalStructs
{
    private const int InfoSize = 128;

    public static Arg InMask(int sizeAt) => new((p, v) => WriteMask(p, v, p.A[sizeAt]));

    public static Arg OutMask(int sizeAt) => Plain.Exit((p, v) => WriteMask(p, v, p.A[sizeAt]));

    public static readonly Arg InAction = Plain.In(32, ActionFields);

    public static readonly Arg OutAction = Plain.Out(32, ActionFields);

    public static readonly Arg InStack = Plain.In(24, StackFields);

    public static readonly Arg OutStack = Plain.Out(24, StackFields);

    public static readonly Arg InInfo = new(static (p, v) => WriteInfo(p, v));

    public static readonly Arg OutInfo = Plain.Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else WriteInfo(p, v);
    });

    /// <summary>waitid's siginfo: nothing was found where it says no signal.</summary>
    public static readonly Arg OutWaitInfo = Plain.Exit(static (p, v) =>
    {
        if (p.Failed || v == 0) p.Address(v);
        else if (p.ReadInt(v) == 0) p.Text("{}");
        else WriteInfo(p, v);
    });

    /// <summary>rt_sigreturn: the mask that the handler's frame gives back.</summary>
    public static readonly Arg FrameMask = new(static (p, _) =>
    {
        const int StackPointer = 4, MaskOffset = 40 + 256; // of ucontext: flags, link, stack, then the registers
        p.Text("{mask=");
        WriteMask(p, p.Task.Register(StackPointer) + MaskOffset);
        p.Text("}");
    });

    public static void WriteMask(CallPrinter p, ulong address, ulong size = 8)
    {
        if (size >= 8 && !p.Failed && p.ReadU64(address) is { } mask) p.Text(SignalText.Set(mask));
        else p.Address(address);
    }

    public static void WriteInfo(CallPrinter p, ulong address)
    {
        if (p.Read(address, InfoSize) is { } bytes) p.Text(SignalText.Info(MemoryMarshal.Read<SignalInfo>(bytes)));
        else p.Address(address);
    }

    private static void ActionFields(CallPrinter p, Record r)
    {
        string handler = r.U64(0) switch { 0 => "SIG_DFL", 1 => "SIG_IGN", ulong.MaxValue => "SIG_ERR", var a => Xlat.Hex(a) };
        p.Text($"sa_handler={handler}, sa_mask={SignalText.Set(r.U64(24))}, sa_flags={SignalNames.ActionFlags.Flags(r.U64(8))}");
        const ulong Restorer = 0x04000000;
        if ((r.U64(8) & Restorer) != 0) p.Text($", sa_restorer={Xlat.Hex(r.U64(16))}");
    }

    private static void StackFields(CallPrinter p, Record r)
    {
        p.Text("ss_sp=");
        p.Address(r.U64(0));
        p.Text($", ss_flags={SignalNames.StackFlags.Flags(r.U32(8))}, ss_size={r.U64(16)}");
    }
}
