namespace Kennel.Tests;

public sealed class StringBytesTests
{
    [Fact]
    public void EachCharIsAByte()
    {
        string all = string.Concat(Enumerable.Range(0, 256).Select(i => (char)i));
        Assert.Equal(Enumerable.Range(0, 256).Select(i => (byte)i), StringBytes.Of(all));
        Assert.Equal(all, StringBytes.ToText(StringBytes.Of(all)));
        Assert.Empty(StringBytes.Of(""));
    }

    [Fact]
    public void WhatIsNoByteIsAQuestionMark() => Assert.Equal("a??z?"u8.ToArray(), StringBytes.Of("a\u0100\u20acz\uffff"));

    [Fact]
    public void NothingIsWrittenBehindTheString()
    {
        byte[] bytes = [9, 9, 9, 9];
        StringBytes.Write("ab", bytes.AsSpan(1));
        Assert.Equal([9, (byte)'a', (byte)'b', 9], bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => StringBytes.Write("abcde", bytes));
    }
}
