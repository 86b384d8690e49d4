using Xunit;

namespace Kennel.Hosting.Tests;

public sealed class HostPlatformTests
{
    /// <summary>However few are asked for at a time, no two are the same but by chance.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(60)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(2000)]
    public void RandomBytesDiffer(int length)
    {
        var platform = new SystemHostPlatform();
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[length];
            platform.FillRandom(bytes);
            Assert.True(seen.Add(BitConverter.ToUInt64(bytes)));
            Assert.True(length == 8 || seen.Add(BitConverter.ToUInt64(bytes, length - 8)));
        }
    }
}
