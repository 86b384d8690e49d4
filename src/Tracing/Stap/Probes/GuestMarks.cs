using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>Where a marker's argument lies: a register, a number, or memory that registers point to.</summary>
/// <param name="Size">Bytes; negative for signed.</param>
/// <param name="Register">The register, or the base of an address; -1 for none.</param>
/// <param name="IndexRegister">Added Scale times; -1 for none.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
/// <param name="Number">The number, or what is added to the address.</param>
/// <param name="IsMemory">Whether it is an address.</param>
internal sealed record GuestOperand(int Size, int Register, int IndexRegister, int Scale, long Number, bool IsMemory);

/// <summary>A marker that a program was compiled with.</summary>
internal sealed record GuestMark(string Provider, string Name, long Offset, IReadOnlyList<TargetVariable> Arguments);

/// <summary>
/// Markers that sys/sdt.h puts into programs (SystemTap's user-space probes, .note.stapsdt): a place, names, and where each argument lies, as the assembler
/// was told. Markers behind a semaphore are listed, and fire if the program's own code takes them.
/// </summary>
internal static partial class GuestMarks
{
    private static readonly string[] _names = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];

    public static IEnumerable<GuestMark> Of(ITraceTarget target, string path)
    {
        byte[] notes = target.SectionOf(path, ".note.stapsdt");
        for (int at = 0; at + 12 <= notes.Length;)
        {
            int nameSize = Word(notes, at), size = Word(notes, at + 4), type = Word(notes, at + 8);
            if (nameSize < 0 || nameSize > notes.Length || size < 0 || size > notes.Length) yield break;
            int start = at + 12 + Aligned(nameSize);
            if (start + size > notes.Length) yield break;
            if (type == 3 && size > 24 && Encoding.Latin1.GetString(notes, at + 12, Math.Min(nameSize, 8)) == "stapsdt\0")
            {
                string[] texts = Encoding.Latin1.GetString(notes, start + 24, size - 24).Split('\0');
                long offset = target.FileOffset(path, BinaryPrimitives.ReadUInt64LittleEndian(notes.AsSpan(start)));
                if (texts.Length >= 3 && offset >= 0) yield return new GuestMark(texts[0], texts[1], offset, Arguments(texts[2]));
            }
            at = start + Aligned(size);
        }
    }

    private static List<TargetVariable> Arguments(string text)
    {
        var result = new List<TargetVariable>();
        foreach ((int i, string word) in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            if (Parse(word) is { } operand) result.Add(new TargetVariable($"arg{i + 1}", "long", TargetOrigin.Operand) { Operand = operand });
        }
        return result;
    }

    private static GuestOperand? Parse(string word)
    {
        int split = word.IndexOf('@');
        string text = word[(split + 1)..];
        int size = split > 0 && int.TryParse(word.AsSpan(0, split).TrimEnd('f'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int given) ? given : 8;
        if (text.StartsWith('$')) return long.TryParse(text.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? new GuestOperand(size, -1, -1, 1, number, false) : null;
        if (text.StartsWith('%')) return RegisterOf(text[1..]) is >= 0 and int register ? new GuestOperand(size, register, -1, 1, 0, false) : null;
        Match match = Memory().Match(text);
        if (!match.Success) return null;
        string added = match.Groups["added"].Value, scale = match.Groups["scale"].Value;
        long displacement = 0;
        if (added.Length > 0 && !long.TryParse(added, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out displacement)) return null;
        if (!TryRegister(match.Groups["base"], out int start) || !TryRegister(match.Groups["index"], out int index)) return null;
        return new GuestOperand(size, start, index, scale.Length > 0 ? scale[0] - '0' : 1, displacement, true);
    }

    private static bool TryRegister(Group name, out int register)
    {
        register = name.Success ? RegisterOf(name.Value) : -1;
        return !name.Success || register >= 0;
    }

    // rdi, edi, di, dil; r8, r8d, r8w, r8b; rip.
    private static int RegisterOf(string name)
    {
        if (name == "rip") return 16;
        Match numbered = Numbered().Match(name);
        if (numbered.Success) return int.Parse(numbered.Groups[1].Value, CultureInfo.InvariantCulture);
        string core = name.Length == 3 && name[0] is 'r' or 'e' ? name[1..] : name.Length == 3 ? name[..2] : name.Length == 2 && name[1] == 'l' ? name[0] + "x" : name;
        return Array.IndexOf(_names, core);
    }

    private static int Word(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    private static int Aligned(int size) => (size + 3) & ~3;

    [GeneratedRegex(@"^(?<added>-?[0-9]*)\((?:%(?<base>\w+))?(?:,%(?<index>\w+)(?:,(?<scale>[1248]))?)?\)$")]
    private static partial Regex Memory();

    [GeneratedRegex(@"^r(8|9|1[0-5])[dwb]?$")]
    private static partial Regex Numbered();
}
