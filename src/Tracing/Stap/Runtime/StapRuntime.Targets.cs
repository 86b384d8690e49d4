using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;

namespace Kennel.Tracing.Stap.Runtime;

/// <content>Reading what events carry, and structures behind it.</content>
internal sealed partial class StapRuntime
{
    private const int StackPointer = 4;

    private StapLayouts? _layouts;

    public StapLayouts Layouts => _layouts ??= new StapLayouts(Model);

    /// <summary>The value of a $variable, as a number or address.</summary>
    public long ValueOf(TargetVariable variable, StapCType type)
    {
        FieldValue value = Read(variable);
        return value.Object != null ? (long)Model.AddressOf(value.Object) : Narrow(value.Number, type);
    }

    private FieldValue Read(TargetVariable variable)
    {
        switch (variable.Origin)
        {
            case TargetOrigin.Argument:
                return Event.Data is object?[] arguments && variable.Index < arguments.Length ? FromObject(arguments[variable.Index]) : 0;
            case TargetOrigin.Raw:
                return (long)(variable.Index switch { 0 => Event.A0, 1 => Event.A1, 2 => Event.A2, 3 => Event.A3, 4 => Event.A4, _ => Event.A5 });
            case TargetOrigin.Result:
                return Event.Object != null ? FieldValue.Of(Event.Object) : Event.Result;
            case TargetOrigin.Number:
                return Event.Number;
            case TargetOrigin.Data:
                return FieldValue.Of(Event.Data);
            case TargetOrigin.Text:
                return FieldValue.Of(Event.Text);
            case TargetOrigin.Target:
                return FieldValue.Of(Event.Target);
            case TargetOrigin.TargetProcessId:
                return Event.Target?.ProcessId ?? 0;
            case TargetOrigin.TargetThreadId:
                return Event.Target?.ThreadId ?? 0;
            case TargetOrigin.Stack:
                return ReadUser((long)Task.Register(StackPointer) + 8 + variable.Index * 8, StapCType.Parse("long"), false);
            case TargetOrigin.Operand:
                return ReadOperand(variable.Operand!);
            case TargetOrigin.Self:
                return FieldValue.Of(Task);
            case TargetOrigin.AddressSpace:
                return ReadField(Task, "task_struct", "mm") ?? 0;
            default:
                return (long)Task.Register(variable.Index);
        }
    }

    private long ReadOperand(Probes.GuestOperand operand)
    {
        long value = operand.Number;
        if (operand.Register >= 0) value += (long)Task.Register(operand.Register);
        if (operand.IndexRegister >= 0) value += (long)Task.Register(operand.IndexRegister) * operand.Scale;
        string type = operand.Size switch { 1 => "unsigned char", -1 => "char", 2 => "unsigned short", -2 => "short", 4 => "unsigned int", -4 => "int", _ => "long" };
        return operand.IsMemory ? ReadUser(value, StapCType.Parse(type), false).Number : Narrow(value, StapCType.Parse(type));
    }

    /// <summary>A field by names; null when there is none.</summary>
    public FieldValue? ReadField(object item, string structure, string field) =>
        Model.FindStruct(structure)?.Fields.FirstOrDefault(f => f.Name == field)?.Read(item);

    private static FieldValue FromObject(object? item) => item switch
    {
        null => 0,
        long value => value,
        int value => value,
        uint value => value,
        ulong value => (long)value,
        bool value => value ? 1 : 0,
        byte value => value,
        short value => value,
        ushort value => value,
        nint value => value,
        nuint value => (long)value,
        Enum value => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        _ => FieldValue.Of(item),
    };

    private static FieldValue Narrowed(FieldValue value, StapCType type) => value.Object != null ? value : Narrow(value.Number, type);

    private static long Narrow(long value, StapCType type) => type.Pointers > 0 || type.IsArray ? value : type.PlainSize switch
    {
        1 => type.IsUnsigned ? (byte)value : (sbyte)value,
        2 => type.IsUnsigned ? (ushort)value : (short)value,
        4 => type.IsUnsigned ? (uint)value : (int)value,
        _ => value,
    };

    /// <summary>$name-&gt;a-&gt;b[i] and so on.</summary>
    public long WalkFrom(TargetAccess access, long start, long[]? indexes, bool address, Syntax.StapToken at)
    {
        At = at;
        FieldValue value = access.Variable != null ? Read(access.Variable) : access.Global != null ? access.Global.Read() : start;
        if (address && access.Steps.Count == 0) return (long)Model.AddressOf(access.Global);
        value = Walk(access, value, indexes, address);
        return value.Object != null ? (long)Model.AddressOf(value.Object) : address ? value.Number : Narrow(value.Number, access.Type);
    }

    /// <summary>Writes to what a walk ends at, if that is the guest's memory. Values of events and the kernel's own objects cannot be changed.</summary>
    public long StoreAt(TargetAccess access, long start, long[]? indexes, long value, Syntax.StapToken at)
    {
        At = at;
        if (access.Steps.Count == 0) throw new StapError("write fault [man error::fault]: values of events cannot be changed here");
        FieldValue place = access.Variable != null ? Read(access.Variable) : access.Global != null ? access.Global.Read() : start;
        place = Walk(access, place, indexes, true);
        int size = access.Type.PlainSize;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bool isObject = place.Object != null || Model.ObjectAt((ulong)place.Number, out _) != null;
        if (isObject || size == 0 || Task.WriteMemory((ulong)place.Number, bytes[..size]) != size) throw new StapError($"write fault [man error::fault] at 0x{(place.Object == null ? place.Number : (long)Model.AddressOf(place.Object)):x16}");
        return value;
    }

    /// <summary>The same, as text ($x$, $$parms).</summary>
    public string WalkText(TargetAccess access, long start, long[]? indexes, Syntax.StapToken at)
    {
        At = at;
        if (access.Listed != null)
        {
            return Cut(string.Join(' ', access.Listed.Select(v => $"{v.Name}={(access.Pretty > 0 ? Pretty(Narrowed(Read(v), StapCType.Parse(v.Type)), StapCType.Parse(v.Type), access.Pretty) : "0x" + ValueOf(v, StapCType.Parse(v.Type)).ToString("x", CultureInfo.InvariantCulture))}")));
        }
        FieldValue value = access.Variable != null ? Read(access.Variable) : access.Global != null ? access.Global.Read() : start;
        return Cut(Pretty(Walk(access, value, indexes, false), access.Type, access.Pretty));
    }

    private FieldValue Walk(TargetAccess access, FieldValue value, long[]? indexes, bool address)
    {
        int index = 0;
        for (int i = 0; i < access.Steps.Count; i++)
        {
            BoundStep step = access.Steps[i];
            bool wantsAddress = address && i == access.Steps.Count - 1;
            value = step.Field != null ? ReadMember(value, step, wantsAddress) : ReadElement(value, step, indexes![index++], wantsAddress);
        }
        return value;
    }

    private FieldValue ReadMember(FieldValue value, BoundStep step, bool wantsAddress)
    {
        object? item = value.Object;
        long address = value.Number;
        if (item == null && address != 0) item = Model.ObjectAt((ulong)address, out _);
        if (item == null) return ReadUser(address + step.Offset, step.Type, wantsAddress);
        FieldValue field = step.Field!.Read(item) ?? throw Fault(item, step.Offset);
        if (!wantsAddress) return field;
        return field.Object != null && !step.Type.IsPointer ? field : (long)Model.AddressOf(item) + step.Offset;
    }

    private FieldValue ReadElement(FieldValue value, BoundStep step, long index, bool wantsAddress)
    {
        object? item = value.Object ?? (value.Number == 0 ? null : Model.ObjectAt((ulong)value.Number, out _));
        switch (item)
        {
            case KernelArray array:
                if (wantsAddress) return (long)Model.AddressOf(array) + index * step.Offset;
                if (index < 0 || index >= array.Count) throw Fault(array, index * step.Offset);
                return array.Read((int)index);
            case string text:
                return index >= 0 && index < text.Length ? StapStrings.From(text)[(int)index] : 0;
            case null:
                return ReadUser(value.Number + index * step.Offset, step.Type, wantsAddress);
            default:
                return index == 0 ? FieldValue.Of(item) : throw Fault(item, index * step.Offset);
        }
    }

    // Not one of the kernel's objects: the guest's memory.
    private FieldValue ReadUser(long address, StapCType type, bool wantsAddress)
    {
        if (wantsAddress || type.IsArray || type.Pointers == 0 && type.PlainSize == 0) return address;
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        int size = type.PlainSize;
        if ((ulong)address < 4096 || Task.ReadMemory((ulong)address, bytes[..size]) != size) throw FaultAt(address);
        return Narrow(BinaryPrimitives.ReadInt64LittleEndian(bytes), type);
    }

    private StapError Fault(object item, long offset) => FaultAt((long)Model.AddressOf(item) + offset);

    public static StapError FaultAt(long address) => new($"read fault [man error::fault] at 0x{address:x16}");

    private string Pretty(FieldValue value, StapCType type, int depth)
    {
        object? item = value.Object;
        if (item is string text) return StapStrings.Quote(StapStrings.From(text), 64);
        if (type.IsText && value.Number != 0) return ReadUserText((ulong)value.Number, 64) is { } user ? StapStrings.Quote(user, 64) : $"0x{value.Number:x}";
        if (item == null && value.Number != 0 && type.Pointers <= 1) item = Model.ObjectAt((ulong)value.Number, out _);
        KernelStruct? structure = type.Pointers <= 1 ? Layouts.Find(type) : null;
        if (structure == null || item == null) return type.Pointers > 0 ? $"0x{(item == null ? value.Number : (long)Model.AddressOf(item)):x}" : value.Number.ToString(CultureInfo.InvariantCulture);
        var result = new StringBuilder("{");
        foreach (KernelField field in structure.Fields)
        {
            if (result.Length > 1) result.Append(", ");
            StapCType fieldType = StapCType.Parse(field.Type);
            FieldValue inner = field.Read(item) ?? 0;
            string shown = inner.Object is string name ? StapStrings.Quote(StapStrings.From(name), 64)
                : fieldType.IsPointer ? $"0x{(inner.Object == null ? inner.Number : (long)Model.AddressOf(inner.Object)):x}"
                : inner.Object != null ? depth > 1 ? Pretty(inner, fieldType, depth) : fieldType.IsArray ? "[...]" : "{...}"
                : inner.Number.ToString(CultureInfo.InvariantCulture);
            result.Append('.').Append(field.Name).Append('=').Append(shown);
        }
        return result.Append('}').ToString();
    }

    /// <summary>A string in the guest; null when its first byte cannot be read.</summary>
    public string? ReadUserText(ulong address, int most)
    {
        Span<byte> piece = stackalloc byte[256];
        var result = new StringBuilder();
        while (result.Length < most)
        {
            int want = (int)Math.Min((ulong)Math.Min(piece.Length, most - result.Length), 4096 - (address & 4095));
            int got = address == 0 ? 0 : Task.ReadMemory(address, piece[..want]);
            if (got == 0) return result.Length == 0 ? null : result.ToString();
            int end = piece[..got].IndexOf((byte)0);
            result.Append(Encoding.Latin1.GetString(piece[..(end < 0 ? got : end)]));
            if (end >= 0 || got < want) break;
            address += (ulong)got;
        }
        return result.ToString();
    }

    /// <summary>A string in the kernel; null when there is none.</summary>
    public string? ReadKernelText(ulong address)
    {
        object? item = address == 0 ? null : Model.ObjectAt(address, out int _);
        Model.ObjectAt(address, out int offset);
        string? text = item switch
        {
            string plain => StapStrings.From(plain),
            KernelArray array => ArrayText(array),
            _ => null,
        };
        if (text == null) return null;
        return offset <= text.Length ? Cut(text[offset..]) : "";
    }

    private static string ArrayText(KernelArray array)
    {
        var result = new StringBuilder();
        for (int i = 0; i < array.Count; i++)
        {
            char c = (char)(array.Read(i).Number & 255);
            if (c == 0) break;
            result.Append(c);
        }
        return result.ToString();
    }
}
