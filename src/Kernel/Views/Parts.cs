using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>
/// What C embeds in a structure, or lets it point to, and what is no object here: made when first asked for, and the same as long as its owner
/// lives, so that an address that a script keeps stays good.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class Parts
{
    private readonly ConditionalWeakTable<object, Dictionary<string, object>> _parts = [];

    /// <summary>The part of an object that goes by a name.</summary>
    public TPart Of<TOwner, TPart>(TOwner owner, string name, Func<TOwner, TPart> make)
        where TOwner : class
        where TPart : class
    {
        Dictionary<string, object> parts = _parts.GetOrCreateValue(owner);
        if (!parts.TryGetValue(name, out object? part)) parts.Add(name, part = make(owner));
        return (TPart)part;
    }
}

/// <summary>struct path, and the vnode there.</summary>
/// <param name="Find">The place now; null when there is none.</param>
/// <param name="Nameless">The dentry of a file that has no place.</param>
internal sealed record PathPart(Func<VfsPath?> Find, NamelessPart? Nameless = null);

/// <summary>The dentry of a nameless file; its name says what the file is.</summary>
internal sealed record NamelessPart(OpenFile File);

/// <summary>struct timespec, timestruct_t.</summary>
/// <param name="Read">Nanoseconds now.</param>
internal sealed record TimePart(Func<long> Read);

/// <summary>struct rlimit of a process.</summary>
internal sealed record LimitPart(ThreadGroup Group, Resource Resource);

/// <summary>struct k_sigaction, struct sigaction.</summary>
internal sealed record ActionPart(SignalHandlers Handlers, Signal Signal);

/// <summary>kuid_t, kgid_t.</summary>
internal sealed record IdPart(uint Value);

/// <summary>struct list_head: what hangs on it.</summary>
internal sealed record ListPart(Func<object?> Next, Func<object?> Previous);

/// <summary>A structure that has nothing in it but its name and its owner: tables of functions, memory beneath a mapping.</summary>
internal sealed record NamedPart(string Name, object? Owner);

/// <summary>One place of a descriptor table (uf_entry_t).</summary>
internal sealed record SlotPart(FileTable Table, int Descriptor);
