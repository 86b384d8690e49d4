using System.Runtime.InteropServices;
using Kennel.Abi;

namespace Kennel.Tests.Signals;

/// <summary>The layouts that programs and debuggers rely on, against the numbers of the x86-64 headers.</summary>
public sealed class SignalFrameTests
{
    [Fact]
    public unsafe void TheFrameIsLaidOutAsLinuxLaysItOut()
    {
        Assert.Equal(128, sizeof(SignalInfo));
        Assert.Equal(256, sizeof(SignalContext));
        Assert.Equal(304, sizeof(UserContext));
        Assert.Equal(440, sizeof(SignalFrame));
        Assert.Equal((long)SignalFrame.ContextOffset, Marshal.OffsetOf<SignalFrame>(nameof(SignalFrame.Context)));
        Assert.Equal((long)SignalFrame.InfoOffset, Marshal.OffsetOf<SignalFrame>(nameof(SignalFrame.Info)));
        Assert.Equal(40, Marshal.OffsetOf<UserContext>(nameof(UserContext.Machine)));
        Assert.Equal(296, Marshal.OffsetOf<UserContext>(nameof(UserContext.Mask)));
        Assert.Equal(128, Marshal.OffsetOf<SignalContext>(nameof(SignalContext.Rip)));
        Assert.Equal(144, Marshal.OffsetOf<SignalContext>(nameof(SignalContext.Cs)));
        Assert.Equal(184, Marshal.OffsetOf<SignalContext>(nameof(SignalContext.FpState)));
    }

    [Theory]
    [InlineData(0, true, false, false, 0)]
    [InlineData(0x700, true, false, false, 7)]
    [InlineData(0x9, false, true, false, 137)]
    [InlineData(0x8b, false, true, true, 139)]
    public void StatusWordsReadAsTheMacrosDo(int word, bool exited, bool signaled, bool core, int shell)
    {
        var status = new WaitStatus(word);
        Assert.Equal((exited, signaled, core, shell), (status.HasExited, status.WasSignaled, status.CoreDumped && signaled, status.ShellCode));
        Assert.False(status.IsStopped);
    }

    [Fact]
    public void StopsAndContinuesHaveWordsOfTheirOwn()
    {
        WaitStatus stopped = WaitStatus.Stopped(Signal.SIGTSTP);
        Assert.Equal(0x147f, stopped.Value);
        Assert.True(stopped.IsStopped);
        Assert.Equal(Signal.SIGTSTP, stopped.StopSignal);
        Assert.False(stopped.WasSignaled || stopped.HasExited);
        Assert.Equal(0xffff, WaitStatus.Continued.Value);
        Assert.Equal(0x8b, WaitStatus.Killed(Signal.SIGSEGV, core: true).Value);
        Assert.Equal(0x2a00, WaitStatus.Exited(0x12a).Value);
    }
}
