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

    [StapFunction("user_buffer_quoted")]
    public static string UserBufferQuoted(StapRuntime rt, long address, long length, long most)
    {
        if (address == 0) return "NULL";
        var bytes = new byte[Math.Clamp(Math.Min(length, most), 0, rt.MaximumText)];
        int got = rt.Task.ReadMemory((ulong)address, bytes);
        if (got == 0 && bytes.Length > 0) return $"0x{address:x}";
        string text = StapStrings.Quote(System.Text.Encoding.Latin1.GetString(bytes, 0, got), rt.MaximumText);
        return length > most && !text.EndsWith("...", StringComparison.Ordinal) ? text + "..." : text;
    }

    [StapFunction("user_char"), StapFunction("user_uint8")]
    public static long UserChar(StapRuntime rt, long address) => (byte)User(rt, address, 1);

    [StapFunction("user_int8")]
    public static long UserInt8(StapRuntime rt, long address) => (sbyte)User(rt, address, 1);

    [StapFunction("user_short"), StapFunction("user_int16")]
    public static long UserShort(StapRuntime rt, long address) => (short)User(rt, address, 2);

    [StapFunction("user_ushort"), StapFunction("user_uint16")]
    public static long UserUShort(StapRuntime rt, long address) => (ushort)User(rt, address, 2);

    [StapFunction("user_int"), StapFunction("user_int32")]
    public static long UserInt(StapRuntime rt, long address) => (int)User(rt, address, 4);

    [StapFunction("user_uint32"), StapFunction("user_uint")]
    public static long UserUInt(StapRuntime rt, long address) => (uint)User(rt, address, 4);

    [StapFunction("user_long"), StapFunction("user_int64"), StapFunction("user_uint64"), StapFunction("user_ulong")]
    public static long UserLong(StapRuntime rt, long address) => User(rt, address, 8);

    [StapFunction("user_char_error")]
    public static long UserCharError(StapRuntime rt, long address) => UserChar(rt, address);

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

    [StapFunction("set_user_long", Acts = true, Guru = true)]
    public static void SetUserLong(StapRuntime rt, long address, long value) => Write(rt, address, BitConverter.GetBytes(value));

    private static int Most(StapRuntime rt, long most) => (int)Math.Clamp(most, 0, rt.MaximumText);

    private static string Quoted(StapRuntime rt, long address, int most)
    {
        if (address == 0) return "NULL";
        return rt.ReadUserText((ulong)address, most) is { } text ? StapStrings.Quote(text, most) : $"0x{address:x}";
    }

    private static StapError StringFault(long address) => new($"user string copy fault -14 at {(ulong)address:x16} [man error::fault]");

    private static StapError KernelFault(long address) => new($"kernel string copy fault at 0x{address:x16} [man error::fault]");

    private static long User(StapRuntime rt, long address, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        if (address == 0 || rt.Task.ReadMemory((ulong)address, bytes[..size]) != size) throw new StapError($"read fault [man error::fault] at 0x{address:x16}");
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

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
