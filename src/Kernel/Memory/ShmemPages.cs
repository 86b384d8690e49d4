using Kennel.Abi;
using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// Pages that live in memory alone (Linux: mm/shmem.c): the content of tmpfs files, memfds, System V segments and shared anonymous
/// memory. Sparse: a page that nobody has written or mapped has no frame and reads as zero.
/// </summary>
public sealed unsafe class ShmemPages(Kernel kernel, long size = 0) : PageCache(kernel.Frames), IDisposable
{
    private const int ChunkBits = 6, ChunkMask = (1 << ChunkBits) - 1;

    // Runs of 64 frame numbers by index of the run; 0 (the zero frame) stands for a hole.
    private readonly Dictionary<long, int[]> _chunks = [];
    private long _size = size;
    private long _lastKey = -1;
    private int[]? _last;

    /// <inheritdoc/>
    public override long Size => _size;

    /// <summary>Frames in it.</summary>
    public long PageCount { get; private set; }

    /// <summary>The most frames that it may take; ENOSPC beyond (tmpfs counts its own files together and sets this).</summary>
    public Func<bool>? HasRoom { get; init; }

    /// <summary>Told how many frames it has gained or, negative, lost.</summary>
    public Action<int>? CountChanged { get; init; }

    /// <inheritdoc/>
    public override Errno Resize(long size)
    {
        SetSize(size);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno GetPage(long index, bool forWrite, out int frame)
    {
        int[] chunk = ChunkFor(index, make: true)!;
        ref int slot = ref chunk[index & ChunkMask];
        frame = slot;
        if (slot != FramePool.Zero) return Errno.None;
        if (HasRoom?.Invoke() == false) return Errno.ENOSPC;
        int made = Frames.Allocate();
        if (made == FramePool.None) return Errno.ENOMEM;
        slot = frame = made;
        PageCount++;
        CountChanged?.Invoke(1);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno GetPageForRead(long index, out int frame)
    {
        frame = ChunkFor(index, make: false)?[index & ChunkMask] ?? FramePool.Zero;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override bool TryPeek(long index, out int frame)
    {
        frame = ChunkFor(index, make: false)?[index & ChunkMask] ?? FramePool.Zero;
        return frame != FramePool.Zero && index << FramePool.FrameShift < _size;
    }

    /// <summary>Grows or shrinks it; what is cut off reads as zero if it grows again. Mappings of it fault from then on.</summary>
    public void SetSize(long size)
    {
        if (size < _size)
        {
            Free((size + FramePool.FrameSize - 1) >> FramePool.FrameShift, long.MaxValue);
            ClearBehind(size, size | (FramePool.FrameSize - 1));
        }
        else if (size > _size)
        {
            ClearBehind(_size, size - 1);
        }
        _size = size;
    }

    // What a mapping stored behind the end of the file is not in the file: it must be gone when the file grows over it.
    private void ClearBehind(long from, long last)
    {
        int inPage = (int)(from & (FramePool.FrameSize - 1));
        long page = from >> FramePool.FrameShift;
        if (inPage == 0 || ChunkFor(page, make: false)?[page & ChunkMask] is not { } frame || frame == FramePool.Zero) return;
        int end = last >> FramePool.FrameShift == page ? (int)(last & (FramePool.FrameSize - 1)) + 1 : FramePool.FrameSize;
        Frames.BeforeWrite(frame);
        new Span<byte>(Frames.Pointer(frame) + inPage, end - inPage).Clear();
    }

    /// <inheritdoc/>
    public override Errno Punch(long first, long end)
    {
        Free(first, end);
        return Errno.None;
    }

    /// <summary>The first page from <paramref name="index"/> on that has a frame; -1 if none (SEEK_DATA).</summary>
    public long NextData(long index)
    {
        long best = -1;
        foreach ((long key, int[] chunk) in _chunks)
        {
            for (int i = 0; i <= ChunkMask; i++)
            {
                long at = (key << ChunkBits) + i;
                if (chunk[i] == FramePool.Zero || at < index) continue;
                if (best < 0 || at < best) best = at;
                break;
            }
        }
        return best;
    }

    /// <summary>Gives all frames back.</summary>
    public void Dispose() => Free(0, long.MaxValue);

    private void Free(long first, long end)
    {
        Unmap(kernel, first, end);
        List<long>? emptied = null;
        foreach ((long key, int[] chunk) in _chunks)
        {
            long start = key << ChunkBits;
            if (start >= end || start + ChunkMask < first) continue;
            bool isEmpty = true;
            for (int i = 0; i <= ChunkMask; i++)
            {
                if (chunk[i] == FramePool.Zero) continue;
                if (start + i < first || start + i >= end)
                {
                    isEmpty = false;
                    continue;
                }
                ForgetCode(kernel, chunk[i]);
                Frames.Release(chunk[i]);
                chunk[i] = FramePool.Zero;
                PageCount--;
                CountChanged?.Invoke(-1);
            }
            if (isEmpty) (emptied ??= []).Add(key);
        }
        foreach (long key in emptied ?? []) _chunks.Remove(key);
        _lastKey = -1;
    }

    private int[]? ChunkFor(long index, bool make)
    {
        long key = index >> ChunkBits;
        if (key == _lastKey) return _last;
        if (!_chunks.TryGetValue(key, out int[]? chunk))
        {
            if (!make) return null;
            _chunks[key] = chunk = new int[ChunkMask + 1];
        }
        _lastKey = key;
        return _last = chunk;
    }
}
