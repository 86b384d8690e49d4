namespace Kennel.Credentials;

/// <summary>What all tasks of one user id have together, for RLIMIT_NPROC and RLIMIT_SIGPENDING (Linux: struct ucounts).</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class UserAccount(uint uid)
{
    public uint Uid { get; } = uid;

    /// <summary>Tasks whose real uid it is.</summary>
    public int Tasks { get; internal set; }

    /// <summary>Signals queued for them.</summary>
    public int PendingSignals { get; private set; }

    internal bool TryChargeSignal(ulong limit)
    {
        if ((ulong)PendingSignals >= limit) return false;
        PendingSignals++;
        return true;
    }

    internal void ReleaseSignal() => PendingSignals--;

    internal void ChargeSignal() => PendingSignals++;
}

/// <summary>All users' accounts.</summary>
public sealed class UserAccounts
{
    private readonly Dictionary<uint, UserAccount> _accounts = [];

    /// <summary>The account of a user; made at first use.</summary>
    public UserAccount this[uint uid]
    {
        get
        {
            if (!_accounts.TryGetValue(uid, out UserAccount? account)) _accounts.Add(uid, account = new UserAccount(uid));
            return account;
        }
    }
}
