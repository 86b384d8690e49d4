using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.FileSystems.Host;

/// <summary>The pages of one host file that a mapping or a read has asked for, shared by all processes that map it.</summary>
internal sealed unsafe class HostPageCache : PageCache
{
    private const int LeastAhead = 16, MostAhead = 128;

    private readonly HostInode _inode;
    private readonly Dictionary<long, int> _frames = [];
    private HashSet<long>? _dirty; // pages that a shared mapping may have changed
    private long _expected = -1; // the page that a sequential reader asks for next
    private int _ahead = LeastAhead;
    private int _run = FramePool.None, _runLength; // frames set apart for the file's pages
    private bool _askedForRun;

    public HostPageCache(HostInode inode, HostFileSystem owner)
        : base(owner.Frames)
    {
        _inode = inode;
        Owner = owner;
        Place = new LinkedListNode<HostPageCache>(this);
    }

    public HostFileSystem Owner { get; }

    /// <summary>Its place among the caches of the machine.</summary>
    public LinkedListNode<HostPageCache> Place { get; }

    /// <summary>Pages cached.</summary>
    public int Count => _frames.Count;

    /// <inheritdoc/>
    public override long Size => _inode.CurrentSize();

    /// <inheritdoc/>
    public override FileVersion? Version => Owner.Options.IsWritable ? null : _inode.VersionBefore(Owner.Pages.Began);

    /// <inheritdoc/>
    public override Errno GetPage(long index, bool forWrite, out int frame)
    {
        Errno error = _frames.TryGetValue(index, out frame) ? Errno.None : Read(index, out frame);
        if (error == Errno.None && forWrite) (_dirty ??= []).Add(index);
        return error;
    }

    /// <inheritdoc/>
    public override bool TryPeek(long index, out int frame) => _frames.TryGetValue(index, out frame);

    /// <inheritdoc/>
    public override bool ReadsAhead => true;

    /// <inheritdoc/>
    public override bool TracksDirtyPages => Owner.Options.IsWritable;

    /// <inheritdoc/>
    public override Errno Sync(long first, long end)
    {
        if (_dirty == null) return Errno.None;
        Errno result = Errno.None;
        long size = _inode.CurrentSize();
        foreach (long index in _dirty.Where(i => i >= first && i < end).ToList())
        {
            int frame = _frames[index];
            long offset = index << FramePool.FrameShift;
            int length = (int)Math.Min(FramePool.FrameSize, size - offset);
            Errno error = length <= 0
                ? Errno.None
                : _inode.WriteHost(new ReadOnlySpan<byte>(Frames.Pointer(frame), length), offset, out _);
            if (error != Errno.None) result = error;
            else if (Frames.References(frame) == 1) _dirty.Remove(index); // mapped nowhere: nobody can store to it
        }
        return result;
    }

    /// <inheritdoc/>
    public override Errno Resize(long size) => _inode.SetAttributes(new AttributeChange { Size = size });

    /// <summary>Writes all that mappings may have changed to the host.</summary>
    public Errno WriteBack() => Sync(0, long.MaxValue);

    /// <summary>Somebody wrote bytes to the host file by another way than through these pages: cached pages follow.</summary>
    public void OnWritten(ReadOnlySpan<byte> bytes, long offset)
    {
        while (bytes.Length > 0 && _frames.Count > 0)
        {
            int inPage = (int)(offset & (FramePool.FrameSize - 1));
            int n = Math.Min(bytes.Length, FramePool.FrameSize - inPage);
            if (_frames.TryGetValue(offset >> FramePool.FrameShift, out int frame))
            {
                Frames.BeforeWrite(frame);
                bytes[..n].CopyTo(new Span<byte>(Frames.Pointer(frame) + inPage, n));
            }
            bytes = bytes[n..];
            offset += n;
        }
    }

    /// <summary>The file became longer or shorter.</summary>
    public void OnSizeChanged(long before, long after)
    {
        if (_frames.Count == 0) return;
        long end = Math.Min(before, after);
        if (after < before)
        {
            long first = (after + FramePool.FrameSize - 1) >> FramePool.FrameShift;
            Unmap(Owner.Pages.Kernel, first, long.MaxValue);
            foreach (long index in _frames.Keys.Where(i => i >= first).ToList()) Drop(index);
        }
        // The page with the old end: its bytes behind the end were zero, or must be now.
        if ((end & (FramePool.FrameSize - 1)) != 0 && _frames.TryGetValue(end >> FramePool.FrameShift, out int frame))
        {
            int inPage = (int)(end & (FramePool.FrameSize - 1));
            var tail = new Span<byte>(Frames.Pointer(frame) + inPage, FramePool.FrameSize - inPage);
            Frames.BeforeWrite(frame);
            tail.Clear();
            if (after > before) _ = _inode.ReadHost(tail, end, out _); // what cannot be read stays zero
        }
    }

    /// <summary>Forgets all pages; mappings keep the frames that they hold.</summary>
    public void Clear()
    {
        foreach ((long index, _) in _frames) Drop(index); // a dictionary lets go of entries meanwhile
    }

    /// <summary>Drops up to <paramref name="wanted"/> pages that nobody else holds; answers how many.</summary>
    public int Shrink(int wanted)
    {
        var victims = new List<long>();
        foreach ((long index, int frame) in _frames)
        {
            if (victims.Count == wanted) break;
            if (Frames.References(frame) == 1 && _dirty?.Contains(index) != true) victims.Add(index);
        }
        foreach (long index in victims) Drop(index);
        return victims.Count;
    }

    private void Drop(long index)
    {
        if (!_frames.Remove(index, out int frame)) return;
        _dirty?.Remove(index);
        ForgetCode(Owner.Pages.Kernel, frame);
        Frames.Release(frame);
        Owner.Pages.Shrank(this, 1);
    }

    // Reads a run of pages around the missing one: behind it for a sequential reader, on both sides for a jump.
    private Errno Read(long index, out int frame)
    {
        bool sequential = index == _expected;
        _ahead = sequential ? Math.Min(_ahead * 2, MostAhead) : LeastAhead;
        long first = sequential ? index : index & ~(LeastAhead - 1L);
        long pages = (_inode.Size + FramePool.FrameSize - 1) >> FramePool.FrameShift;
        long last = Math.Min(first + _ahead, Math.Max(pages, index + 1));
        while (first < index && HasCachedBetween(first, index)) first++;
        _expected = last;

        Span<int> run = stackalloc int[MostAhead];
        Span<IoVector> pieces = stackalloc IoVector[MostAhead];
        int count = 0;
        for (long i = first; i < last && (i <= index || !_frames.ContainsKey(i)); i++, count++)
        {
            int f = Allocate(i, pages);
            if (f == FramePool.None) break;
            run[count] = f;
            pieces[count] = new IoVector { Address = Frames.Pointer(f), Length = FramePool.FrameSize };
        }
        frame = FramePool.None;
        if (first + count <= index) return Fail(run[..count], Errno.ENOMEM);
        if (count >= LeastAhead && run[count - 1] - run[0] == count - 1) Frames.Populate(run[0], count);
        Errno error = _inode.ReadHost(pieces[..count], first << FramePool.FrameShift, out long bytes);
        if (error != Errno.None) return Fail(run[..count], Errno.EIO);
        for (int i = 0; i < count; i++)
        {
            long valid = Math.Clamp(bytes - ((long)i << FramePool.FrameShift), 0, FramePool.FrameSize);
            new Span<byte>(Frames.Pointer(run[i]) + valid, (int)(FramePool.FrameSize - valid)).Clear();
            _frames[first + i] = run[i];
        }
        frame = _frames[index];
        HostReads += count;
        Owner.Pages.Grew(this, count);
        return Errno.None;
    }

    // Neighbouring pages get neighbouring frames, if that can be had.
    private int Allocate(long index, long pages)
    {
        if (!_askedForRun && pages >= LeastAhead)
        {
            _runLength = (int)Math.Min(pages, int.MaxValue);
            _run = Frames.ReserveRun(_runLength);
            _askedForRun = true;
        }
        return _run != FramePool.None && index < _runLength && Frames.TryTake(_run + (int)index, zeroed: false)
            ? _run + (int)index
            : Frames.Allocate(zeroed: false);
    }

    private bool HasCachedBetween(long first, long index)
    {
        for (long i = first; i < index; i++)
        {
            if (_frames.ContainsKey(i)) return true;
        }
        return false;
    }

    private Errno Fail(ReadOnlySpan<int> run, Errno error)
    {
        foreach (int f in run) Frames.Release(f);
        return error;
    }
}
