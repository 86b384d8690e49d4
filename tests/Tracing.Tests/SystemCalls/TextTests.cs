using System.Text;
using Kennel.Abi;
using Kennel.Tracing.SystemCalls;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.Tests.SystemCalls;

/// <summary>Strings, flags, signals and times as strace writes them.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("a\"b\\", "\"a\\\"b\\\\\"")]
    [InlineData("\n\t\r\v\f", "\"\\n\\t\\r\\v\\f\"")]
    [InlineData("\u0001z", "\"\\1z\"")]
    [InlineData("\u00017", "\"\\0017\"")]
    [InlineData("\u007f", "\"\\177\"")]
    public void Strings_are_quoted(string text, string expected) => Assert.Equal(expected, Quoting.Quote(Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void Strings_are_hexadecimal_when_asked_for()
    {
        var text = new StringBuilder();
        Quoting.Append(text, "ab"u8, HexStrings.Always);
        Quoting.Append(text, "ab"u8, HexStrings.NonAscii);
        Quoting.Append(text, [0x61, 0xe9], HexStrings.NonAscii);
        Assert.Equal("\"\\x61\\x62\"\"ab\"\"\\x61\\xe9\"", text.ToString());
    }

    [Theory]
    [InlineData(0ul, "[]")]
    [InlineData(0x10002ul, "[INT CHLD]")]
    [InlineData(0xfffffffe7fffffff, "~[RTMIN RT_1]")]
    [InlineData(ulong.MaxValue, "~[]")]
    public void Signal_sets_are_turned_round_when_that_is_shorter(ulong mask, string expected) => Assert.Equal(expected, SignalText.Set(mask));

    [Theory]
    [InlineData(0x0100, "{WIFEXITED(s) && WEXITSTATUS(s) == 1}")]
    [InlineData(0x0009, "{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}")]
    [InlineData(0x008b, "{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}")]
    [InlineData(0x137f, "{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}")]
    [InlineData(0xffff, "{WIFCONTINUED(s)}")]
    public void Statuses_are_explained(int word, string expected) => Assert.Equal(expected, SignalText.Status(word));

    [Fact]
    public void Siginfo_shows_what_its_code_says()
    {
        SignalInfo child = new() { Number = 17, Code = SignalCode.ChildExited, Pid = 5, Status = 3, UserTicks = 7 };
        Assert.Equal("{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5, si_uid=0, si_status=3, si_utime=7 /* 0.07 s */, si_stime=0}", SignalText.Info(child));
        Assert.Equal("{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL}", SignalText.Info(SignalInfo.Fault(Signal.SIGSEGV, 1, 0)));
        Assert.Equal("{si_signo=SIGTERM, si_code=SI_USER, si_pid=1, si_uid=2}", SignalText.Info(SignalInfo.FromUser(Signal.SIGTERM, SignalCode.User, 1, 2)));
    }

    [Fact]
    public void Flags_and_values_keep_what_has_no_name()
    {
        Assert.Equal("PROT_NONE", MemoryNames.Protections.Flags(0));
        Assert.Equal("PROT_READ|PROT_EXEC|0x100", MemoryNames.Protections.Flags(0x105));
        Assert.Equal("0x100 /* PROT_??? */", MemoryNames.Protections.Flags(0x100));
        Assert.Equal("0x63 /* SEEK_??? */", FileNames.Whence.Value(99));
    }

    [Theory]
    [InlineData(2, "-1 ENOENT (No such file or directory)")]
    [InlineData(512, "? ERESTARTSYS (To be restarted if SA_RESTART is set)")]
    [InlineData(516, "? ERESTART_RESTARTBLOCK (Interrupted by signal)")]
    public void Errors_have_names_and_texts(int error, string expected) => Assert.Equal(expected, ErrorNames.Result(error));

    [Theory]
    [InlineData("3, \"a, b\", {x=1, y=[2, 3]}, 4 /* n, m */", new[] { "3", "\"a, b\"", "{x=1, y=[2, 3]}", "4 /* n", "m */" })]
    [InlineData("", new string[0])]
    [InlineData("\"\\\"\", 1", new[] { "\"\\\"\"", "1" })]
    public void Argument_texts_are_taken_apart(string text, string[] expected) => Assert.Equal(expected, ArgumentTexts.Split(text));
}
