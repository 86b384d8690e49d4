using System.Runtime.InteropServices;

namespace Kennel.Cpu.Translator;

/// <summary>A range as generated code looks at it: <see cref="TranslatorContext.SlotSize"/>.</summary>
[StructLayout(LayoutKind.Sequential, Size = TranslatorContext.SlotSize)]
internal unsafe struct RangeSlot
{
    /// <summary>The first address; how many begin an access that ends within the range; the host's address of the first, and its distance from it.</summary>
    public ulong Start, Limit, Host, Delta;

    /// <summary>How many begin an access of <see cref="TranslatorContext.WideAccess"/> bytes.</summary>
    public ulong Wide;

    /// <summary>The same of <see cref="TranslatorContext.MiddleAccess"/>.</summary>
    public ulong Middle;

    /// <summary>The last address that begins an access which ends within the range.</summary>
    public ulong Last;

    /// <summary>The last from which on all accesses that begin up to <see cref="TranslatorContext.Nearness"/> bytes further end within the range.</summary>
    public ulong Near;

    /// <summary>What serves no access.</summary>
    public static RangeSlot None => new() { Start = 1 };

    /// <summary>The same in a slot for groups: <see cref="TranslatorContext.GroupLowAt"/>.</summary>
    public readonly RangeSlot ForGroups => this with { Middle = Start + TranslatorContext.Nearness };

    /// <summary>What stands for a range, which may be empty.</summary>
    public static RangeSlot For(in HostRange range) => range.Length == 0 ? None : new RangeSlot
    {
        Start = range.Start,
        Limit = range.Length - TranslatorContext.LargestAccess + 1,
        Host = (ulong)range.Host,
        Delta = (ulong)range.Host - range.Start,
        Wide = range.Length - TranslatorContext.WideAccess + 1,
        Middle = range.Length - TranslatorContext.MiddleAccess + 1,
        Last = range.End - TranslatorContext.LargestAccess,
        Near = range.End - TranslatorContext.LargestAccess - TranslatorContext.Nearness,
    };

    /// <summary>Whether so many bytes from an address on lie in the range, at least one access of any size among them.</summary>
    public readonly bool Covers(ulong address, ulong bytes) =>
        address - Start < Limit && Math.Max(bytes, TranslatorContext.LargestAccess) <= Limit + TranslatorContext.LargestAccess - 1 - (address - Start);

    /// <summary>Bytes of the range.</summary>
    public readonly ulong Length => Limit == 0 ? 0 : Limit + TranslatorContext.LargestAccess - 1;
}
