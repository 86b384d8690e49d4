using System.Runtime.CompilerServices;
using Kennel.Abi;

namespace Kennel.Tasks;

/// <summary>The limits of a process (man 2 getrlimit; Linux: signal_struct.rlim). Copied by fork.</summary>
public sealed class ResourceLimits
{
    private ResourceLimit[] _values = new ResourceLimit[(int)Resource.Count];
    private bool _isShared; // with a relative after fork: copied before a change

    /// <summary>What init starts with. Linux: include/asm-generic/resource.h; NPROC and SIGPENDING follow from the machine's size.</summary>
    public ResourceLimits(int processes)
    {
        for (int i = 0; i < (int)Resource.Count; i++) _values[i] = new ResourceLimit { Soft = ResourceLimit.Infinity, Hard = ResourceLimit.Infinity };
        this[Resource.Stack] = new ResourceLimit { Soft = 8 << 20, Hard = ResourceLimit.Infinity };
        this[Resource.Core] = new ResourceLimit { Soft = 0, Hard = ResourceLimit.Infinity };
        this[Resource.Processes] = Both((ulong)processes);
        this[Resource.OpenFiles] = new ResourceLimit { Soft = 1024, Hard = 1 << 20 };
        this[Resource.LockedMemory] = Both(8 << 20);
        this[Resource.PendingSignals] = Both((ulong)processes);
        this[Resource.MessageQueue] = Both(819200);
        this[Resource.Nice] = Both(0);
        this[Resource.RealtimePriority] = Both(0);
    }

    private ResourceLimits(ResourceLimit[] values) => (_values, _isShared) = (values, true);

    public ResourceLimit this[Resource resource]
    {
        get => _values[(int)resource];
        set
        {
            if (_isShared) (_values, _isShared) = ((ResourceLimit[])_values.Clone(), false);
            _values[(int)resource] = value;
        }
    }

    /// <summary>The soft limit.</summary>
    public ulong Soft(Resource resource) => _values[(int)resource].Soft;

    /// <summary>RLIMIT_NOFILE's soft limit, for descriptor tables.</summary>
    public int OpenFiles => (int)Math.Min(Soft(Resource.OpenFiles), int.MaxValue);

    internal ResourceLimits Clone()
    {
        _isShared = true;
        return new ResourceLimits(_values);
    }

    private static ResourceLimit Both(ulong value) => new() { Soft = value, Hard = value };
}
