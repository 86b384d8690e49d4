using System.Globalization;
using System.Text;
using Kennel.Probes;
using Kennel.Tracing.D.Output;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Runtime;

/// <summary>print(): values with their types; structures member by member, an enumeration by its names.</summary>
internal sealed partial class DRuntime
{
    private const int DeepestPrint = 8;

    internal void PrintNumber(CType type, long value) => Consumer.Text(Typed(type) + NumberOf(type, value) + "\n");

    internal void PrintText(string? text) => Consumer.Text($"(string)\"{ValueText.Escape(Solid(text))}\"\n");

    internal void PrintStruct(CType type, long address, object? item)
    {
        var text = new StringBuilder();
        if (type.Resolved is CStruct) text.Append(CultureInfo.InvariantCulture, $"0x{address:x} = *\n");
        Show(text, type, address, item, 0);
        Consumer.Text(text.Append('\n').ToString());
    }

    private static string Typed(CType type) => $"({type})";

    private static string NumberOf(CType type, long value) => type.Resolved switch
    {
        CEnum { Values: { } names } when names.FirstOrDefault(n => n.Value == value) is { Name: { } name } => name,
        CPointer or CFunction => value == 0 ? "0x0" : $"0x{value:x}",
        CInteger { IsCharacter: true } when value is >= ' ' and < '\x7f' => $"'{(char)value}'",
        CInteger { IsSigned: false } => ((ulong)value).ToString(CultureInfo.InvariantCulture),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private void Show(StringBuilder text, CType type, long address, object? item, int depth)
    {
        switch (type.Resolved)
        {
            case CStruct s:
                text.Append(Typed(type)).Append(" {\n");
                foreach (CMember member in s.Members)
                {
                    text.Append(' ', depth + 1);
                    if (member.Name.Length > 0) text.Append('.').Append(member.Name).Append(" = ");
                    ShowMember(text, member, address, item, depth + 1);
                    text.Append(",\n");
                }
                text.Append(' ', depth).Append('}');
                break;
            case CArray { IsText: true }:
                text.Append(Typed(type)).Append('"').Append(ValueText.Escape(item != null ? DMemory.TextOf(item, address) : Memory.Text(address, type.Size))).Append('"');
                break;
            case CArray array when item == null:
                text.Append(Typed(type)).Append(" [\n");
                for (int i = 0; i < array.Count; i++)
                {
                    text.Append(' ', depth + 1);
                    Show(text, array.Element, address + ((long)i * array.Element.Size), null, depth + 1);
                    text.Append(",\n");
                }
                text.Append(' ', depth).Append(']');
                break;
            case CArray:
                text.Append(Typed(type)).Append(CultureInfo.InvariantCulture, $"0x{Model.AddressOf(item):x}");
                break;
            default:
                bool isSigned = type.Resolved is CInteger { IsSigned: true } or CEnum;
                text.Append(Typed(type)).Append(NumberOf(type, Memory.Load(address, Math.Max(type.Size, 1), isSigned)));
                break;
        }
    }

    private void ShowMember(StringBuilder text, CMember member, long address, object? item, int depth)
    {
        CType type = member.Type;
        if (item == null || member.Kernel is not { } field)
        {
            if (member.BitWidth == 0)
            {
                Show(text, type, address + member.Offset, null, depth);
                return;
            }
            bool isSigned = type.Resolved is CInteger { IsSigned: true };
            long unit = Memory.Load(address + member.Offset, type.Size, false) << (64 - member.BitOffset - member.BitWidth);
            text.Append(Typed(type)).Append(NumberOf(type, isSigned ? unit >> (64 - member.BitWidth) : (long)((ulong)unit >> (64 - member.BitWidth))));
            return;
        }
        FieldValue value = field.Read(item) ?? default;
        if (type.Resolved is CStruct && depth < DeepestPrint && value.Object is { } inner) Show(text, type, (long)Model.AddressOf(inner), inner, depth);
        else if (type.Resolved is CText) text.Append(Typed(type)).Append('"').Append(ValueText.Escape(value.Object as string ?? "")).Append('"');
        else if (type.Resolved is CArray && value.Object is { } array) Show(text, type, 0, array, depth);
        else text.Append(Typed(type)).Append(NumberOf(type, CInteger.Fit(Memory.NumberOf(value), type.Size, type.Resolved is CInteger { IsSigned: true } or CEnum)));
    }
}
