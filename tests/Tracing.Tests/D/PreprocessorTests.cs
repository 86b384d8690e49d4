using Kennel.Tracing.D.Syntax;

namespace Kennel.Tracing.Tests.D;

/// <summary>What the preprocessor makes of text, blank by blank.</summary>
public sealed class PreprocessorTests
{
    [Theory]
    [InlineData("#define MAX(a, b) ((a) > (b) ? (a) : (b))\nMAX(MAX(1, 5), 2)", "\n((((1) > (5) ? (1) : (5))) > (2) ? (((1) > (5) ? (1) : (5))) : (2))")]
    [InlineData("#define P(x) x /0 < n/ {}\nP(proc:::exec-*) P(tick-1s)", "\nproc:::exec-* /0 < n/ {} tick-1s /0 < n/ {}")]
    [InlineData("#define A B\n#define B A\nA B", "\n\nA B")]
    [InlineData("#define S(x) #x\nS( a  \"b\\n\" )", "\n\"a \\\"b\\\\n\\\"\"")]
    [InlineData("#define V(f, ...) g(f, __VA_ARGS__)\nV(1, 2, 3)", "\ng(1, 2, 3)")]
    [InlineData("#define E()x\nE() E", "\nx E")]
    public void Expands(string text, string expected) => Assert.Equal(expected, new Preprocessor([]).Run(text, null));

    [Fact]
    public void Definitions_come_from_the_command_line()
    {
        var cpp = new Preprocessor([]);
        cpp.Define("N=5");
        cpp.Define("M");
        cpp.Undefine("__linux");
        Assert.Equal("5 1 __linux", cpp.Run("N M __linux", null));
    }
}
