using System.Text;
using Kennel.Abi;
using Kennel.Loading;

namespace Kennel.Tests.Loading;

public sealed class ScriptLineTests
{
    [Theory]
    [InlineData("#!/bin/sh\n", "/bin/sh", null)]
    [InlineData("#! /bin/sh -e \t\n", "/bin/sh", "-e")]
    [InlineData("#!/usr/bin/env python3 -u\nx", "/usr/bin/env", "python3 -u")]
    [InlineData("#!\t/bin/sh\ta b\n", "/bin/sh", "a b")]
    [InlineData("#!/bin/sh", "/bin/sh", null)]
    [InlineData("#!/bin/sh\0junk\n", "/bin/sh", null)]
    [InlineData("#!/bin/sh -x\0junk\n", "/bin/sh", "-x")]
    public void NameAndArgumentAreFound(string head, string name, string? argument)
    {
        Assert.True(ScriptLine.TryParse(Head(head), out ScriptLine line));
        Assert.True(line.IsValid);
        Assert.Equal(name, Encoding.Latin1.GetString(line.Interpreter));
        Assert.Equal(argument, line.Argument == null ? null : Encoding.Latin1.GetString(line.Argument));
    }

    [Theory]
    [InlineData("#!\n")]
    [InlineData("#! \t \n/bin/sh\n")]
    public void ALineWithoutANameIsNoScript(string head)
    {
        Assert.True(ScriptLine.TryParse(Head(head), out ScriptLine line));
        Assert.False(line.IsValid);
    }

    [Fact]
    public void ANameThatIsCutOffIsNotRun()
    {
        Assert.True(ScriptLine.TryParse(Head("#!/" + new string('x', 300)), out ScriptLine line));
        Assert.False(line.IsValid);
        Assert.True(ScriptLine.TryParse(Head("#!/bin/sh " + new string('x', 300)), out line));
        Assert.True(line.IsValid); // a cut argument is
        Assert.Equal(245, line.Argument!.Length);
    }

    [Fact]
    public void OtherFilesAreNoScripts() => Assert.False(ScriptLine.TryParse(Head("\x7fELF"), out _));

    [Fact]
    public void AnInterpreterTakesTheScriptsPlaceAsArgumentZero()
    {
        var strings = new ArgumentStrings("/s"u8.ToArray(), ["s"u8.ToArray(), "a"u8.ToArray()], []);
        ScriptLine.TryParse(Head("#!/i -x\n"), out ScriptLine line);
        ArgumentStrings next = strings.ForInterpreter(line, "/dir/s"u8.ToArray());
        Assert.Equal(["/i", "-x", "/dir/s", "a"], next.Arguments.Select(Encoding.Latin1.GetString));
        Assert.Equal("/s", Encoding.Latin1.GetString(next.FileName));
    }

    [Fact]
    public void StringsAreLimitedOneByOneAndTogether()
    {
        const ulong stack = 8 << 20;
        Assert.Equal(Errno.None, Of(131071).Check(stack));
        Assert.Equal(Errno.E2BIG, Of(131072).Check(stack));
        Assert.Equal(Errno.None, Of([.. Enumerable.Repeat(100_000, 20)]).Check(stack));
        Assert.Equal(Errno.E2BIG, Of([.. Enumerable.Repeat(100_000, 21)]).Check(stack));
        Assert.Equal(Errno.E2BIG, Of([.. Enumerable.Repeat(0, 250_000)]).Check(stack)); // the pointers count
        Assert.Equal(Errno.E2BIG, Of(100_000, 32_000).Check(1 << 16)); // never less than 128 KiB
        Assert.Equal(Errno.None, Of(100_000, 20_000).Check(1 << 16));
    }

    private static ArgumentStrings Of(params int[] lengths) => new("/f"u8.ToArray(), [.. lengths.Select(n => new byte[n])], []);

    // As exec reads it: 256 bytes, zeros behind the file's end.
    private static byte[] Head(string text)
    {
        var head = new byte[256];
        Encoding.Latin1.GetBytes(text.Length > 256 ? text[..256] : text).CopyTo(head, 0);
        return head;
    }
}
