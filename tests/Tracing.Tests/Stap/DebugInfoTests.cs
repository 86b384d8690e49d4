using System.Buffers.Binary;
using System.Text;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Probes;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests.Stap;

/// <summary>Debugging information and markers, as compilers write them, and as nobody does.</summary>
public sealed class DebugInfoTests
{
    private readonly FakeMachine _machine = new();

    // int function(struct node *, ...) with struct node { struct node *next; int count[3]; }, by hand: version 4, all offsets in one unit.
    private static readonly byte[] _abbreviations =
    [
        1, 0x11, 1, 0, 0, // compile unit
        2, 0x24, 0, 0x0b, 0x0b, 0x3e, 0x0b, 0x03, 0x08, 0, 0, // base type: size, encoding, name
        3, 0x13, 1, 0x0b, 0x0b, 0x03, 0x0e, 0, 0, // structure: size, name by place
        4, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0x38, 0x0b, 0, 0, // member: name, type, offset
        5, 0x0f, 0, 0x49, 0x13, 0, 0, // pointer
        6, 0x01, 1, 0x49, 0x13, 0, 0, // array
        7, 0x21, 0, 0x2f, 0x0b, 0, 0, // its range
        8, 0x2e, 1, 0x03, 0x08, 0x49, 0x13, 0x3f, 0x19, 0, 0, // function: name, type
        9, 0x05, 0, 0x03, 0x16, 0x49, 0x13, 0, 0, // parameter: name (its form is said with it), type
        0,
    ];

    [Fact]
    public void Parameters_have_their_names_and_types()
    {
        IReadOnlyList<TargetVariable> found = Load(Info(), _abbreviations).Of("/prog", "walk", true);
        Assert.Equal([("list", "struct node@/prog *"), ("n", "int"), ("return", "int")], found.Select(static v => (v.Name, v.Type)));
    }

    [Fact]
    public void Broken_debugging_information_gives_what_can_be_read()
    {
        int found = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            found += Load(Broken(Info(), random), Broken(_abbreviations, random)).Of("/prog", "walk", true).Count;
        }
        Assert.True(found > 10_000, $"{found} found");
    }

    [Fact]
    public void Forms_that_name_forms_end_the_reading()
    {
        byte[] info = [.. Info()[..^2], 9, .. Enumerable.Repeat((byte)0x16, 1 << 20), 0];
        BinaryPrimitives.WriteInt32LittleEndian(info, info.Length - 4);
        Assert.Equal(2, Load(info, _abbreviations).Of("/prog", "walk", false).Count);
    }

    [Fact]
    public void Lengths_do_not_lead_backwards()
    {
        byte[] unit = new byte[64];
        unit.AsSpan(0, 4).Fill(0xff); // a length of 64 bits
        BinaryPrimitives.WriteInt64LittleEndian(unit.AsSpan(4), -12);
        unit[12] = 4;
        Assert.Empty(Load(unit, _abbreviations).Of("/prog", "walk", false));

        // A block of -6 bytes, in the abbreviations' form for blocks.
        byte[] blocks = [1, 0x11, 1, 0x02, 0x04, 0, 0, 0];
        byte[] info = [.. Info()[..11], 1, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        Assert.Empty(Load(info, blocks).Of("/prog", "walk", false));
    }

    [Fact]
    public void Units_that_share_a_table_read_it_once()
    {
        const int units = 50_000, codes = 50_000;
        var abbreviations = new MemoryStream();
        for (int code = 1; code <= codes; code++) abbreviations.Write([(byte)(code & 127 | 128), (byte)(code >> 7 & 127 | 128), (byte)(code >> 14), 0x11, 0, 0, 0]);
        abbreviations.WriteByte(0);
        byte[] info = [.. Enumerable.Repeat<byte[]>([7, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8], units).SelectMany(static unit => unit)];
        Assert.Empty(Load(info, abbreviations.ToArray()).Of("/prog", "walk", false));
    }

    [Fact]
    public void A_name_that_all_share_is_kept_once()
    {
        // A megabyte of structures, each of which has the same long name.
        byte[] info = [.. Info()[..11], 1, .. Enumerable.Repeat<byte[]>([3, 1, 0, 0, 0, 0, 0], 150_000).SelectMany(static entry => entry)];
        BinaryPrimitives.WriteInt32LittleEndian(info, info.Length - 4);
        _machine.Sections[".debug_str"] = [.. Enumerable.Repeat((byte)'n', 1 << 20), 0];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Load(info, _abbreviations).Of("/prog", "walk", false);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 << 20);
    }

    [Theory]
    [InlineData("8@%rdi -4@%esi 1@%dil", "arg1:7 arg2:6 arg3:7")]
    [InlineData("4@-20(%rbp) 8@(%rax,%r12,8) -8@$-5", "arg1:5-20 arg2:0+12*8 arg3:$-5")]
    [InlineData("8@counter(%rip) 8@%rdi", "arg2:7")]
    [InlineData("8@-(%rbp) 8@99999999999999999999(%rbp) 8@(%nosuch) 8@(%rax,%nosuch,2) 8@(%rax,%rbx,3) 8@%nosuch 8@$99999999999999999999 @ 9999999999@%rdi", "arg9:7")]
    public void Operands_of_markers_are_what_the_assembler_was_told(string operands, string expected)
    {
        _machine.Sections[".note.stapsdt"] = Note(operands);
        GuestMark mark = Assert.Single(GuestMarks.Of(_machine, "/prog"));
        Assert.Equal(("prov", "mark", 0x1234), (mark.Provider, mark.Name, mark.Offset));
        Assert.Equal(expected, string.Join(' ', mark.Arguments.Select(static a => $"{a.Name}:{Shown(a.Operand!)}")));
    }

    [Fact]
    public void Broken_notes_give_the_marks_that_can_be_read()
    {
        int found = 0;
        byte[] notes = [.. Note("8@%rdi"), .. Note("4@-20(%rbp) 8@(%rax,%r12,8)"), .. Note("-8@$-5")];
        for (int seed = 0; seed < 20_000; seed++)
        {
            _machine.Sections[".note.stapsdt"] = Broken(notes, new Random(seed));
            found += GuestMarks.Of(_machine, "/prog").Count();
        }
        Assert.InRange(found, 20_000, 60_000);
    }

    private GuestVariables Load(byte[] info, byte[] abbreviations)
    {
        _machine.Sections[".debug_info"] = info;
        _machine.Sections[".debug_abbrev"] = abbreviations;
        _machine.Sections.TryAdd(".debug_str", "node\0"u8.ToArray());
        return new GuestVariables(_machine, new StapLayouts(_machine));
    }

    private static byte[] Info()
    {
        var unit = new List<byte> { 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1 };
        int number = Add(2, 4, 5, "int");
        int structure = unit.Count, pointer = structure + 6 + 11 + 12 + 1;
        Add(3, 16, 0, 0, 0, 0);
        Add(4, "next", Place(pointer), 0);
        Add(4, "count", Place(pointer + 5), 8);
        Add(0);
        Assert.Equal(pointer, Add(5, Place(structure)));
        Add(6, Place(number));
        Add(7, 2);
        Add(0);
        Add(8, "walk", Place(number));
        Add(9, 8, "list", Place(pointer));
        Add(9, 8, "n", Place(number));
        Add(0, 0);
        byte[] bytes = [.. unit];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - 4);
        return bytes;

        static byte[] Place(int place) => BitConverter.GetBytes(place);

        int Add(params object[] parts)
        {
            int start = unit.Count;
            foreach (object part in parts) unit.AddRange(part switch { string text => [.. Encoding.ASCII.GetBytes(text), 0], byte[] bytes => bytes, _ => [(byte)(int)part] });
            return start;
        }
    }

    private static byte[] Note(string operands)
    {
        byte[] texts = Encoding.ASCII.GetBytes($"prov\0mark\0{operands}\0");
        var note = new byte[20 + ((24 + texts.Length + 3) & ~3)];
        BinaryPrimitives.WriteInt32LittleEndian(note, 8);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(4), 24 + texts.Length);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(8), 3);
        "stapsdt\0"u8.CopyTo(note.AsSpan(12));
        BinaryPrimitives.WriteInt64LittleEndian(note.AsSpan(20), 0x1234);
        texts.CopyTo(note, 44);
        return note;
    }

    private static byte[] Broken(byte[] bytes, Random random)
    {
        byte[] broken = [.. bytes];
        for (int n = random.Next(4); n > 0; n--)
        {
            int at = random.Next(broken.Length);
            byte[] wild = random.Next(4) switch { 0 => [0xff, 0xff, 0xff, 0x7f], 1 => [0xf0, 0xff, 0xff, 0xff], 2 => [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], _ => [(byte)random.Next(256)] };
            wild.AsSpan(0, Math.Min(wild.Length, broken.Length - at)).CopyTo(broken.AsSpan(at));
        }
        return random.Next(10) == 0 ? broken[..random.Next(broken.Length)] : broken;
    }

    private static string Shown(GuestOperand o) =>
        !o.IsMemory ? o.Register < 0 ? $"${o.Number}" : $"{o.Register}" : $"{o.Register}{(o.IndexRegister < 0 ? $"{o.Number}" : $"+{o.IndexRegister}*{o.Scale}")}";
}
