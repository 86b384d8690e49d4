using System.Buffers.Binary;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Reading strings and numbers, in the guest's memory and in the kernel (man 3stap, tapset::uconversions, tapset::conversions).</summary>
internal static class MemoryFunctions
{
    [StapFunction("user_string")]
    public static string UserString(StapRuntime rt, long address) => rt.ReadUserText((ulong)address, rt.MaximumText) ?? throw StringFault(address);

    [StapFunction("user_string"), StapFunction("user_string2")]
    public static string UserString(StapRuntime rt, long address, string otherwise) => rt.ReadUserText((ulong)address, rt.MaximumText) ?? otherwise;

    [StapFunction("user_string_warn")]
    public static string UserStringWarn(StapRuntime rt, long address)
    {
        if (rt.ReadUserText((ulong)address, rt.MaximumText) is { } text) return text;
        rt.Output.Message($"WARNING: user string copy fault -14 at {(ulong)address:x16}");
        return "<unknown>";
    }

    [StapFunction("user_string_n_warn")]
    public static string UserStringWarn(StapRuntime rt, long address, long most)
    {
        string text = UserStringWarn(rt, address);
        return text.Length <= most ? text : text[..Most(rt, most)];
    }

    [StapFunction("user_string_n2_quoted")]
    public static string UserStringQuoted(StapRuntime rt, long address, long most, string otherwise) =>
        rt.ReadUserText((ulong)address, Most(rt, most)) is { } text ? StapStrings.Quote(text, rt.MaximumText) : otherwise;

    [StapFunction("user_string_utf16")]
    public static string UserWideString(StapRuntime rt, long address) => WideText(rt, address, 2) ?? throw StringFault(address);

    [StapFunction("user_string_utf16"), StapFunction("user_string2_utf16")]
    public static string UserWideString(StapRuntime rt, long address, string otherwise) => WideText(rt, address, 2) ?? otherwise;

    [StapFunction("user_string_quoted_utf16")]
    public static string UserWideStringQuoted(StapRuntime rt, long address) => WideText(rt, address, 2) is { } text ? StapStrings.Quote(text, rt.MaximumText) : $"0x{address:x}";

    [StapFunction("user_string_utf32")]
    public static string UserWiderString(StapRuntime rt, long address) => WideText(rt, address, 4) ?? throw StringFault(address);

    [StapFunction("user_string_utf32"), StapFunction("user_string2_utf32")]
    public static string UserWiderString(StapRuntime rt, long address, string otherwise) => WideText(rt, address, 4) ?? otherwise;

    [StapFunction("user_string_quoted_utf32")]
    public static string UserWiderStringQuoted(StapRuntime rt, long address) => WideText(rt, address, 4) is { } text ? StapStrings.Quote(text, rt.MaximumText) : $"0x{address:x}";

    [StapFunction("kernel_string_utf16"), StapFunction("kernel_string_utf32")]
    public static string KernelWideString(StapRuntime rt, long address) => throw KernelFault(address);

    [StapFunction("kernel_string_utf16"), StapFunction("kernel_string2_utf16"), StapFunction("kernel_string_utf32"), StapFunction("kernel_string2_utf32")]
    public static string KernelWideString(StapRuntime rt, long address, string otherwise) => otherwise;

    [StapFunction("kernel_string_quoted_utf16"), StapFunction("kernel_string_quoted_utf32")]
    public static string KernelWideStringQuoted(StapRuntime rt, long address) => $"0x{address:x}";

    // What the kernel reads and writes lies in the program here.
    [StapFunction("kernel_buffer_quoted"), StapFunction("kernel_buffer_quoted_error")]
    public static string KernelBufferQuoted(StapRuntime rt, long address, long length) => KernelBufferQuoted(rt, address, length, rt.MaximumText);

    [StapFunction("kernel_buffer_quoted"), StapFunction("kernel_buffer_quoted_error")]
    public static string KernelBufferQuoted(StapRuntime rt, long address, long length, long most) =>
        rt.ReadKernelText((ulong)address) is { } text ? StapStrings.Quote(text.Length > length ? text[..(int)Math.Max(0, length)] : text, (int)most) : UserBufferQuoted(rt, address, length, most);

    [StapFunction("user_string_n")]
    public static string UserStringN(StapRuntime rt, long address, long most) => rt.ReadUserText((ulong)address, Most(rt, most)) ?? throw StringFault(address);

    [StapFunction("user_string_n"), StapFunction("user_string_n2")]
    public static string UserStringN(StapRuntime rt, long address, long most, string otherwise) => rt.ReadUserText((ulong)address, Most(rt, most)) ?? otherwise;

    [StapFunction("user_string_quoted")]
    public static string UserStringQuoted(StapRuntime rt, long address) => Quoted(rt, address, rt.MaximumText);

    [StapFunction("user_string_n_quoted")]
    public static string UserStringQuoted(StapRuntime rt, long address, long most) => Quoted(rt, address, Most(rt, most));

    [StapFunction("user_string_n_quoted")]
    public static string UserStringQuoted(StapRuntime rt, long address, long most, long limit) => Quoted(rt, address, Most(rt, Math.Min(most, limit)));

    [StapFunction("user_buffer_quoted"), StapFunction("user_buffer_quoted_error")]
    public static string UserBufferQuoted(StapRuntime rt, long address, long length, long most)
    {
        if (address == 0) return "NULL";
        var bytes = new byte[Math.Clamp(Math.Min(length, most), 0, rt.MaximumText)];
        int got = rt.Task.ReadMemory((ulong)address, bytes);
        if (got == 0 && bytes.Length > 0) return $"0x{address:x}";
        string text = StapStrings.Quote(System.Text.Encoding.Latin1.GetString(bytes, 0, got), rt.MaximumText);
        return length > most && !text.EndsWith("...", StringComparison.Ordinal) ? text + "..." : text;
    }

    [StapFunction("kernel_string")]
    public static string KernelString(StapRuntime rt, long address) => rt.ReadKernelText((ulong)address) ?? throw KernelFault(address);

    [StapFunction("kernel_string"), StapFunction("kernel_string2")]
    public static string KernelString(StapRuntime rt, long address, string otherwise) => rt.ReadKernelText((ulong)address) ?? otherwise;

    [StapFunction("kernel_string_n")]
    public static string KernelStringN(StapRuntime rt, long address, long most)
    {
        string text = rt.ReadKernelText((ulong)address) ?? throw KernelFault(address);
        int length = Most(rt, most);
        return text.Length <= length ? text : text[..length];
    }

    [StapFunction("kernel_string_quoted")]
    public static string KernelStringQuoted(StapRuntime rt, long address) => address == 0 ? "NULL" : StapStrings.Quote(rt.ReadKernelText((ulong)address) ?? throw KernelFault(address), rt.MaximumText);

    [StapFunction("kernel_or_user_string_quoted")]
    public static string AnyStringQuoted(StapRuntime rt, long address) => rt.ReadKernelText((ulong)address) is { } text ? StapStrings.Quote(text, rt.MaximumText) : Quoted(rt, address, rt.MaximumText);

    [StapFunction("kernel_char")]
    public static long KernelChar(StapRuntime rt, long address) => (byte)Kernel(rt, address);

    [StapFunction("kernel_short")]
    public static long KernelShort(StapRuntime rt, long address) => (short)Kernel(rt, address);

    [StapFunction("kernel_int")]
    public static long KernelInt(StapRuntime rt, long address) => (int)Kernel(rt, address);

    [StapFunction("kernel_uint32")]
    public static long KernelUInt(StapRuntime rt, long address) => (uint)Kernel(rt, address);

    [StapFunction("kernel_long"), StapFunction("kernel_pointer"), StapFunction("kernel_uint64")]
    public static long KernelLong(StapRuntime rt, long address) => Kernel(rt, address);

    [StapFunction("set_user_string", Acts = true, Guru = true)]
    public static void SetUserString(StapRuntime rt, long address, string text) => Write(rt, address, [.. System.Text.Encoding.Latin1.GetBytes(text), 0]);

    [StapFunction("set_user_int", Acts = true, Guru = true)]
    public static void SetUserInt(StapRuntime rt, long address, long value) => Write(rt, address, BitConverter.GetBytes((int)value));

    [StapFunction("set_user_short", Acts = true, Guru = true)]
    public static void SetUserShort(StapRuntime rt, long address, long value) => Write(rt, address, BitConverter.GetBytes((short)value));

    [StapFunction("set_user_char", Acts = true, Guru = true)]
    public static void SetUserChar(StapRuntime rt, long address, long value) => Write(rt, address, [(byte)value]);

    [StapFunction("set_user_string_n", Acts = true, Guru = true)]
    public static void SetUserString(StapRuntime rt, long address, long most, string text) =>
        SetUserString(rt, address, most <= 0 ? "" : text.Length < most ? text : text[..(int)(most - 1)]);

    [StapFunction("set_user_string_arg", Acts = true, Guru = true)]
    public static void SetUserStringArgument(StapRuntime rt, long address, string text) => SetUserString(rt, address, text);

    [StapFunction("set_user_pointer", Acts = true, Guru = true), StapFunction("set_user_long", Acts = true, Guru = true)]
    public static void SetUserLong(StapRuntime rt, long address, long value) => Write(rt, address, BitConverter.GetBytes(value));

    // Code points of 16 or 32 bits, as UTF-8.
    private static string? WideText(StapRuntime rt, long address, int size)
    {
        var units = new List<byte>();
        Span<byte> unit = stackalloc byte[4];
        for (long at = address; units.Count < rt.MaximumText * size; at += size)
        {
            unit.Clear();
            if (address == 0 || rt.Task.ReadMemory((ulong)at, unit[..size]) != size)
            {
                if (at == address) return null;
                break;
            }
            if (BinaryPrimitives.ReadUInt32LittleEndian(unit) == 0) break;
            units.AddRange(unit[..size]);
        }
        System.Text.Encoding encoding = size == 2 ? System.Text.Encoding.Unicode : System.Text.Encoding.UTF32;
        return rt.Cut(StapStrings.From(encoding.GetString(units.ToArray())));
    }

    private static int Most(StapRuntime rt, long most) => (int)Math.Clamp(most, 0, rt.MaximumText);

    private static string Quoted(StapRuntime rt, long address, int most)
    {
        if (address == 0) return "NULL";
        return rt.ReadUserText((ulong)address, most) is { } text ? StapStrings.Quote(text, most) : $"0x{address:x}";
    }

    private static StapError StringFault(long address) => new($"user string copy fault -14 at {(ulong)address:x16} [man error::fault]");

    private static StapError KernelFault(long address) => new($"kernel string copy fault at 0x{address:x16} [man error::fault]");

    private static void Write(StapRuntime rt, long address, byte[] bytes)
    {
        if (rt.Task.WriteMemory((ulong)address, bytes) != bytes.Length) throw new StapError($"write fault [man error::fault] at 0x{address:x16}");
    }

    // What lies at a kernel address: an array's element, a string's character, or some structure's field.
    private static long Kernel(StapRuntime rt, long address)
    {
        object item = rt.Model.ObjectAt((ulong)address, out int offset) ?? throw StapRuntime.FaultAt(address);
        switch (item)
        {
            case string text:
                return offset < text.Length ? text[offset] : 0;
            case KernelArray array:
                int size = rt.Layouts.SizeOf(StapCType.Parse(array.ElementType));
                if (offset / size >= array.Count) throw StapRuntime.FaultAt(address);
                FieldValue element = array.Read(offset / size);
                return element.Object != null ? (long)rt.Model.AddressOf(element.Object) : element.Number;
        }
        foreach (KernelStruct structure in rt.Model.Structs.Where(s => s.View == "linux"))
        {
            foreach (KernelField field in structure.Fields)
            {
                if (rt.Layouts.OffsetOf(structure, field.Name) != offset || field.Read(item) is not { } value) continue;
                return value.Object != null ? (long)rt.Model.AddressOf(value.Object) : value.Number;
            }
        }
        throw StapRuntime.FaultAt(address);
    }
}
