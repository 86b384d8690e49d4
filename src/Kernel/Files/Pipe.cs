using Kennel.Abi;
using Kennel.Machine;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>
/// The buffer between the ends of a pipe (Linux: struct pipe_inode_info): a ring of slots, each part of a frame. What fits
/// behind the last bytes of a frame goes there; anything else takes a new slot, so a free slot means room for PIPE_BUF bytes.
/// </summary>
/// <remarks>
/// guard-note: the kernel lock. Wake-ups are exclusive and sent only when the pipe stops being empty (or full): a reader that
/// leaves bytes behind passes the wake-up on to the next one.
/// </remarks>
public sealed class Pipe(FramePool frames)
{
    /// <summary>Slots of a new pipe: 64 KiB.</summary>
    public const int DefaultSlots = 16;

    /// <summary>Bytes that are written all or not at all (PIPE_BUF), and the size of a slot.</summary>
    public const int SlotSize = FramePool.FrameSize;

    private Slot[] _slots = new Slot[DefaultSlots];
    private uint _head, _tail; // count up for ever; slots are taken modulo the ring's length

    /// <summary>Sleepers until there is something to read, and pollers of the read end.</summary>
    public WaitQueue ReadWaiters { get; } = new();

    /// <summary>Sleepers until there is room, and pollers of the write end.</summary>
    public WaitQueue WriteWaiters { get; } = new();

    /// <summary>Open read ends.</summary>
    public int Readers { get; set; }

    /// <summary>Open write ends.</summary>
    public int Writers { get; set; }

    /// <summary>How often a read end was opened (a FIFO's writer waits for it to move).</summary>
    public int ReaderGeneration { get; set; }

    /// <summary>How often a write end was opened.</summary>
    public int WriterGeneration { get; set; }

    /// <summary>Whether somebody polls it: then every transfer is announced, for the sake of edge-triggered epoll.</summary>
    public bool IsPolled { get; set; }

    public bool IsEmpty => _head == _tail;

    public bool IsFull => _head - _tail >= (uint)_slots.Length;

    /// <summary>Slots that can be filled now.</summary>
    public int FreeSlots => _slots.Length - (int)(_head - _tail);

    /// <summary>Bytes that it can hold (F_GETPIPE_SZ).</summary>
    public int Capacity => _slots.Length * SlotSize;

    /// <summary>Bytes to be read (FIONREAD).</summary>
    public int Buffered
    {
        get
        {
            int sum = 0;
            for (uint i = _tail; i != _head; i++) sum += SlotAt(i).Length;
            return sum;
        }
    }

    /// <summary>Takes bytes out as long as there are some; answers how many, or EFAULT when the first could not be handed over.</summary>
    public unsafe long Take(IoIterator destination, ref Errno error)
    {
        long taken = 0;
        while (!IsEmpty && destination.Remaining > 0)
        {
            ref Slot slot = ref SlotAt(_tail);
            int want = (int)Math.Min(slot.Length, destination.Remaining);
            int went = destination.CopyTo(new ReadOnlySpan<byte>(frames.Pointer(slot.Frame) + slot.Offset, want));
            taken += went;
            slot.Offset += went;
            slot.Length -= went;
            bool packetEnd = slot.IsPacket; // a packet is gone with its first read
            if (slot.Length == 0 || (packetEnd && went == want)) DropFirst();
            if (went < want)
            {
                error = Errno.EFAULT;
                break;
            }
            if (packetEnd) break;
        }
        return taken;
    }

    /// <summary>Puts bytes behind the last slot's, if all that does not fill whole slots fits there. Answers how many.</summary>
    public unsafe int Merge(IoIterator source, ref Errno error)
    {
        int odd = (int)(source.Remaining & (SlotSize - 1));
        if (odd == 0 || IsEmpty) return 0;
        ref Slot last = ref SlotAt(_head - 1);
        if (!last.CanMerge || last.Offset + last.Length + odd > SlotSize) return 0;
        int came = source.CopyFrom(new Span<byte>(frames.Pointer(last.Frame) + last.Offset + last.Length, odd));
        last.Length += came;
        if (came < odd) error = Errno.EFAULT;
        return came;
    }

    /// <summary>Fills slots as long as there are free ones. Answers the bytes taken; ENOMEM or EFAULT stop it.</summary>
    public unsafe long Fill(IoIterator source, bool packets, ref Errno error)
    {
        long put = 0;
        while (!IsFull && source.Remaining > 0)
        {
            int frame = frames.Allocate(zeroed: false);
            if (frame == FramePool.None)
            {
                error = Errno.ENOMEM;
                break;
            }
            int want = (int)Math.Min(SlotSize, source.Remaining);
            int came = source.CopyFrom(new Span<byte>(frames.Pointer(frame), want));
            if (came == 0) frames.Release(frame);
            else Push(new Slot { Frame = frame, Length = came, CanMerge = !packets, IsPacket = packets });
            put += came;
            if (came == want) continue;
            error = Errno.EFAULT;
            break;
        }
        return put;
    }

    /// <summary>Adds part of a frame that somebody else holds too (splice, tee); it takes over one reference.</summary>
    internal void PushShared(int frame, int offset, int length) => Push(new Slot { Frame = frame, Offset = offset, Length = length });

    /// <summary>The bytes of the n-th slot, for splice and tee.</summary>
    internal (int Frame, int Offset, int Length) Peek(int index)
    {
        Slot slot = SlotAt(_tail + (uint)index);
        return (slot.Frame, slot.Offset, slot.Length);
    }

    /// <summary>Slots in use.</summary>
    internal int UsedSlots => (int)(_head - _tail);

    /// <summary>Drops bytes of the first slot that went elsewhere.</summary>
    internal void Consume(int bytes)
    {
        ref Slot slot = ref SlotAt(_tail);
        slot.Offset += bytes;
        slot.Length -= bytes;
        if (slot.Length == 0) DropFirst();
    }

    /// <summary>F_SETPIPE_SZ: EBUSY when it holds more than would fit.</summary>
    public Errno Resize(int slots)
    {
        if (UsedSlots > slots) return Errno.EBUSY;
        var grown = new Slot[slots];
        int used = UsedSlots;
        for (int i = 0; i < used; i++) grown[i] = SlotAt(_tail + (uint)i);
        (_slots, _tail, _head) = (grown, 0, (uint)used);
        WriteWaiters.WakeAll();
        return Errno.None;
    }

    /// <summary>An end is gone: whoever waits looks again, and with the last one the content goes.</summary>
    public void EndClosed()
    {
        if (Readers == 0 && Writers == 0)
        {
            while (!IsEmpty) DropFirst();
            return;
        }
        if (Readers != 0 && Writers != 0) return;
        ReadWaiters.WakeAll((int)(PollEvents.In | PollEvents.Out | PollEvents.ReadNormal | PollEvents.WriteNormal | PollEvents.Error | PollEvents.HangUp));
        WriteWaiters.WakeAll((int)(PollEvents.In | PollEvents.Out | PollEvents.ReadNormal | PollEvents.WriteNormal | PollEvents.Error | PollEvents.HangUp));
    }

    private ref Slot SlotAt(uint index) => ref _slots[index & (uint)(_slots.Length - 1)];

    private void Push(Slot slot) => SlotAt(_head++) = slot;

    private void DropFirst() => frames.Release(SlotAt(_tail++).Frame);

    private struct Slot
    {
        public int Frame, Offset, Length;
        public bool CanMerge, IsPacket;
    }
}
