using Kennel.Machine;

namespace Kennel.Machine.Tests;

public sealed class CodeAreaTests
{
    private readonly object _file = new();

    [Fact]
    public void AreasThatShowTheSameAreEqual()
    {
        var area = new CodeArea(0x1000, 0x5000, _file, 3);
        Assert.Equal(area, new CodeArea(0x1000, 0x5000, _file, 3));
        Assert.Equal(area.GetHashCode(), new CodeArea(0x1000, 0x5000, _file, 3).GetHashCode());
    }

    [Fact]
    public void AllOfThemMatters()
    {
        var area = new CodeArea(0x1000, 0x5000, _file, 3);
        Assert.NotEqual(area, area with { Start = 0x2000 });
        Assert.NotEqual(area, area with { End = 0x4000 });
        Assert.NotEqual(area, area with { FirstPage = 4 });
        Assert.NotEqual(area, area with { Source = new Same() });
        Assert.NotEqual(new CodeArea(0x1000, 0x5000, new Same(), 3), new CodeArea(0x1000, 0x5000, new Same(), 3)); // two files, however alike
        Assert.False(area.Equals(null));
    }

    private sealed record Same;
}
