using System.Diagnostics.CodeAnalysis;

namespace Kennel.Tracing.Aggregations;

/// <summary>One part of a key: a number, or a string or other object that has value equality.</summary>
public readonly struct KeyPart(long number, object? item) : IEquatable<KeyPart>
{
    public readonly long Number = number;

    public readonly object? Item = item;

    public static implicit operator KeyPart(long number) => new(number, null);

    public static implicit operator KeyPart(string? text) => new(0, text);

    public bool Equals(KeyPart other) => Number == other.Number && (ReferenceEquals(Item, other.Item) || (Item is string a && other.Item is string b ? a == b : Item?.Equals(other.Item) == true));

    public override bool Equals(object? obj) => obj is KeyPart other && Equals(other);

    public override int GetHashCode() => Item == null ? (int)((ulong)Number * 0x9E3779B97F4A7C15 >> 32) : Item.GetHashCode();

    public static bool operator ==(KeyPart left, KeyPart right) => left.Equals(right);

    public static bool operator !=(KeyPart left, KeyPart right) => !left.Equals(right);
}

/// <summary>A table by keys of several parts; keeps the order of insertion. Looking up allocates nothing.</summary>
/// <remarks>guard-note: used inside the kernel lock only.</remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is no System.Collections type.")]
public sealed class KeyedTable<T>
{
    private readonly KeyPart[] _probe = new KeyPart[4];
    private Entry?[] _buckets = new Entry?[16];
    private Entry? _first, _last;

    public int Count { get; private set; }

    /// <summary>The entries, in the order of their insertion. They may be removed meanwhile.</summary>
    public IEnumerable<Entry> Entries
    {
        get
        {
            for (Entry? e = _first, next; e != null; e = next)
            {
                next = e.Next;
                yield return e;
            }
        }
    }

    public Entry? Find(params ReadOnlySpan<KeyPart> key)
    {
        int hash = Hash(key);
        for (Entry? e = _buckets[hash & (_buckets.Length - 1)]; e != null; e = e.Chain)
        {
            if (e.Hash == hash && key.SequenceEqual(e.Key)) return e;
        }
        return null;
    }

    /// <summary>Finds an entry with a key of few parts.</summary>
    public Entry? Find(KeyPart a)
    {
        _probe[0] = a;
        return Find(_probe.AsSpan(0, 1));
    }

    /// <inheritdoc cref="Find(KeyPart)"/>
    public Entry? Find(KeyPart a, KeyPart b)
    {
        (_probe[0], _probe[1]) = (a, b);
        return Find(_probe.AsSpan(0, 2));
    }

    /// <summary>Finds an entry, or adds one with the default value.</summary>
    public Entry GetOrAdd(params ReadOnlySpan<KeyPart> key)
    {
        if (Find(key) is { } found) return found;
        if (Count >= _buckets.Length) Grow();
        var entry = new Entry(key.ToArray(), Hash(key));
        ref Entry? bucket = ref _buckets[entry.Hash & (_buckets.Length - 1)];
        entry.Chain = bucket;
        bucket = entry;
        Link(entry);
        Count++;
        return entry;
    }

    public bool Remove(params ReadOnlySpan<KeyPart> key)
    {
        if (Find(key) is not { } entry) return false;
        Remove(entry);
        return true;
    }

    public void Remove(Entry entry)
    {
        ref Entry? link = ref _buckets[entry.Hash & (_buckets.Length - 1)];
        while (!ReferenceEquals(link, entry))
        {
            if (link == null) return;
            link = ref link.Chain;
        }
        link = entry.Chain;
        if (entry.Previous == null) _first = entry.Next;
        else entry.Previous.Next = entry.Next;
        if (entry.Next == null) _last = entry.Previous;
        else entry.Next.Previous = entry.Previous;
        Count--;
    }

    public void Clear()
    {
        _buckets = new Entry?[16];
        _first = _last = null;
        Count = 0;
    }

    /// <summary>Puts the entries into another order for good: all of them, each once.</summary>
    public void Reorder(IEnumerable<Entry> order)
    {
        Entry[] entries = [.. order];
        _first = _last = null;
        foreach (Entry e in entries) Link(e);
    }

    private void Link(Entry entry)
    {
        entry.Previous = _last;
        entry.Next = null;
        if (_last == null) _first = entry;
        else _last.Next = entry;
        _last = entry;
    }

    private void Grow()
    {
        _buckets = new Entry?[_buckets.Length * 4];
        for (Entry? e = _first; e != null; e = e.Next)
        {
            ref Entry? bucket = ref _buckets[e.Hash & (_buckets.Length - 1)];
            e.Chain = bucket;
            bucket = e;
        }
    }

    private static int Hash(ReadOnlySpan<KeyPart> key)
    {
        uint hash = 0;
        foreach (ref readonly KeyPart part in key) hash = (hash * 31) + (uint)part.GetHashCode();
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>An entry.</summary>
    public sealed class Entry(KeyPart[] key, int hash)
    {
        internal Entry? Chain, Next, Previous;

        internal int Hash => hash;

        public KeyPart[] Key => key;

        public T Value = default!;
    }
}
