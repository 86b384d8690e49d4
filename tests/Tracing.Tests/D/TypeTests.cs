using Kennel.Tracing.Types;

namespace Kennel.Tracing.Tests.D;

/// <summary>C types and their layout.</summary>
public sealed class TypeTests
{
    private readonly TypeTable _types = new();

    [Theory]
    [InlineData("int", 4, "int")]
    [InlineData("unsigned long int", 8, "unsigned long")]
    [InlineData("char[16]", 16, "char [16]")]
    [InlineData("struct mm_struct *", 8, "struct mm_struct *")]
    [InlineData("const char *", 8, "char *")]
    [InlineData("int (*)(void *, ...)", 8, "int (*)(void *, ...)")]
    [InlineData("int[2][3]", 24, "int [2][3]")]
    [InlineData("char *[4]", 32, "char *[4]")]
    [InlineData("int (*)[4]", 8, "int (*)[4]")]
    [InlineData("uint64_t", 8, "uint64_t")]
    [InlineData("pid_t", 4, "pid_t")]
    public void Declarators(string text, int size, string shown)
    {
        CType type = TypeParser.Parse(text, _types)!;
        Assert.Equal((size, shown), (type.Size, type.ToString()));
    }

    [Theory]
    [InlineData("nosuch_t")]
    [InlineData("int int")]
    [InlineData("long char")]
    [InlineData("int [")]
    public void No_types(string text) => Assert.Null(TypeParser.Parse(text, _types));

    [Fact]
    public void Structures_are_laid_out_as_in_C()
    {
        var s = new CStruct("s", false);
        s.Define([
            new("c", _types.Char), new("i", _types.Int), new("b1", _types.Int, 3), new("b2", _types.Int, 30), new("p", _types.PointerTo(s)),
            new("s", _types.Short),
        ]);
        Assert.Equal([(0, 0), (4, 0), (8, 0), (12, 0), (16, 0), (24, 0)], s.Members.Select(m => (m.Offset, m.BitOffset)));
        Assert.Equal((32, 8), (s.Size, s.Alignment));
        var u = new CStruct("u", true);
        u.Define([new("c", _types.Char), new("l", _types.Long), new("a", new CArray(_types.Char, 9))]);
        Assert.Equal((16, 0), (u.Size, u.Find("a")!.Offset));
    }
}
