using Kennel.Abi;
using Kennel.Syscalls;

namespace Kennel.Tests;

/// <summary>A system call that may still sleep.</summary>
internal sealed class PendingCall(ValueTask<SyscallResult> call)
{
    private long? _value;

    public bool IsCompleted => _value != null || call.IsCompleted;

    /// <summary>What it answered: it must be through.</summary>
    public long Value
    {
        get
        {
            Assert.True(IsCompleted, "the call sleeps");
            return _value ??= call.GetAwaiter().GetResult().Value;
        }
    }

    public Errno Error => Value < 0 ? (Errno)(-Value) : Errno.None;
}
