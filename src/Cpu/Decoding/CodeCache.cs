using Kennel.Cpu.Hosted;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// Decoded code, kept per frame: whoever maps a frame, wherever, runs the same ops. All processors share it.
/// </summary>
/// <remarks>
/// A frame is marked in the frame pool before anything of it is decoded; from then on every store to it comes through
/// <see cref="FramePool.BeforeWrite"/>, which throws its code away (<see cref="Drop"/>). Stores that could go by through a
/// translation made earlier are ruled out by flushing write translations, if ever there was one for the frame.
///
/// Dropped ops are overwritten so that whoever is inside leaves at once; their memory is freed when every processor has
/// been outside guest code and has forgotten its entry points.
///
/// Lock order: a page table's monitor, then this object's gate. Neither is held while other processors are quiesced.
/// </remarks>
internal sealed unsafe class CodeCache : IDisposable
{
    /// <summary>Bytes of dropped code to let pile up, and of code altogether.</summary>
    private const long RetiredLimit = 4 << 20, TotalLimit = 512L << 20;

    private readonly FramePool _frames;
    private readonly ProcessorSet _processors;
    private readonly HostMemory _index;

    // guard-note: by frame; written under _gate, read anywhere.
    private readonly CodePage** _pages;

    // guard-note: all below under _gate.
    private readonly object _gate = new();
    private readonly RunDecoder _decoder;
    private readonly Dictionary<int, HashSet<int>> _watched = [];
    private CodePage* _retired;
    private StraddlingRun* _retiredRuns;
    private long _retiredBytes, _totalBytes;

    public CodeCache(FramePool frames, ProcessorSet processors, HostInstructions? host)
    {
        _decoder = new RunDecoder(host);
        _frames = frames;
        _processors = processors;
        _index = HostMemory.Reserve((long)frames.Capacity * sizeof(CodePage*));
        _pages = (CodePage**)_index.Address;
        frames.CodeFrameChanged += Drop;
    }

    /// <summary>
    /// The op to run at an address, decoded if need be; also enters it in the processor's jump table. Null with the fault set
    /// up in the state when the address cannot be executed.
    /// </summary>
    /// <param name="processor">The calling processor, in guest mode.</param>
    /// <param name="s">Its state.</param>
    /// <param name="rip">The address.</param>
    /// <param name="stayed">False if the processor left guest mode meanwhile, so that no op known before may be touched.</param>
    public Op* Find(Processor processor, CpuState* s, ulong rip, out bool stayed)
    {
        stayed = true;
        PageTable table = processor.Memory!;
        int marked = FramePool.None; // a frame that was marked, and all write translations flushed since
        while (true)
        {
            Op* op = null;
            int unmarked;
            lock (table.Gate)
            {
                if (!Fetch(table, s, rip, rip, out int frame)) return null;
                unmarked = Prepare(frame, marked);
                if (unmarked == FramePool.None) op = EntryOf(frame, (int)(rip & 0xfff));
                if (op != null && IsStraddle(op))
                {
                    ulong next = (rip | 0xfff) + 1;
                    if (!Fetch(table, s, rip, next, out int second)) return null;
                    unmarked = Prepare(second, marked);
                    op = unmarked == FramePool.None ? StraddlingOps(op, frame, second) : null;
                }
            }
            if (op != null)
            {
                ulong tag = rip ^ s->JumpKey;
                JumpEntry* entry = s->Jumps + JumpTable.SlotOf(tag);
                entry->Tag = tag;
                entry->Code = (nint)op;
                if (!NeedsCleaning) return op;
            }
            stayed = false;
            processor.LeaveGuest();
            if (op != null) Clean();
            else _processors.FlushWrites();
            processor.Resume();
            s->JumpKey = processor.Cache!.JumpKey;
            marked = unmarked;
        }
    }

    /// <summary>Decodes the one instruction at an address into <paramref name="ops"/>, to be run alone.</summary>
    public bool DecodeSingle(Processor processor, CpuState* s, ulong rip, Op* ops)
    {
        byte* bytes = stackalloc byte[RunDecoder.LongestInstruction];
        PageTable table = processor.Memory!;
        int offset = (int)(rip & 0xfff), head = Math.Min(RunDecoder.LongestInstruction, FramePool.FrameSize - offset);
        lock (table.Gate)
        {
            if (!Fetch(table, s, rip, rip, out int frame)) return false;
            new ReadOnlySpan<byte>(_frames.Pointer(frame) + offset, head).CopyTo(new Span<byte>(bytes, head));
            lock (_gate)
            {
                if (_decoder.DecodeSingle(bytes, head, offset, ops, step: true) > 0) return true;
            }
            if (!Fetch(table, s, rip, (rip | 0xfff) + 1, out int second)) return false;
            int tail = RunDecoder.LongestInstruction - head;
            new ReadOnlySpan<byte>(_frames.Pointer(second), tail).CopyTo(new Span<byte>(bytes + head, tail));
            lock (_gate) return _decoder.DecodeSingle(bytes, RunDecoder.LongestInstruction, offset, ops, step: true) > 0;
        }
    }

    /// <summary>Has the instructions at these offsets of a frame stop before they run; none for not at all. What is decoded of it is decoded anew.</summary>
    public void Watch(int frame, IReadOnlyList<int> offsets)
    {
        lock (_gate)
        {
            if (_watched.TryGetValue(frame, out HashSet<int>? known) ? known.SetEquals(offsets) : offsets.Count == 0) return;
            if (offsets.Count == 0) _watched.Remove(frame);
            else _watched[frame] = [.. offsets];
            if (_pages[frame] != null) Retire(frame);
        }
    }

    /// <summary>Tells a jump op where its target is. Both lie in one page.</summary>
    public static void Link(Op* jump, Op* target)
    {
        if (IsStraddleHead(target)) target = target->Target;
        Volatile.Write(ref *(nint*)&jump->Target, (nint)target);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _frames.CodeFrameChanged -= Drop;
            for (int frame = 0; frame < _frames.Capacity && _totalBytes > 0; frame++)
            {
                if (_pages[frame] != null) Retire(frame);
            }
            FreeRetired(_retired);
            StraddlingRun.Free(_retiredRuns);
            _retired = null;
            _retiredRuns = null;
        }
        _decoder.Dispose();
        _index.Dispose();
    }

    private static bool IsStraddle(Op* op) => op->Length == 0 && op->C == RunDecoder.StraddleMark;

    private static bool IsStraddleHead(Op* op) => op->Length == 0 && op->C == RunDecoder.StraddleHeadMark;

    // Linux reports the address of the page that could not be fetched: mm/fault.c through the processor's CR2.
    private static bool Fetch(PageTable table, CpuState* s, ulong rip, ulong address, out int frame)
    {
        Pte pte = address < PageTable.AddressLimit ? table.Walk(address, out _) : default;
        frame = pte.Frame;
        if (pte.CanExecute && pte.IsPresent) return true;
        s->Rip = rip;
        s->Stop = (ulong)((long)(address << 16) >> 16) == address ? StopReason.PageFault : StopReason.GeneralProtection;
        s->FaultAddress = address;
        s->FaultAccess = PageAccess.Execute;
        return false;
    }

    // Answers None when code of the frame may be decoded; else the frame, which is marked now, but which some
    // processor may still have a write translation for.
    private int Prepare(int frame, int flushed)
    {
        if (Volatile.Read(ref *(nint*)&_pages[frame]) != 0) return FramePool.None;
        lock (_gate)
        {
            if (_pages[frame] != null) return FramePool.None;
            bool wasMarked = _frames.HasCode(frame);
            _frames.MarkCode(frame);
            if (_frames.WasWritable(frame) && !(wasMarked && flushed == frame)) return frame;
            CodePage* page = CodePage.Create(frame);
            _totalBytes += page->Bytes;
            Volatile.Write(ref *(nint*)&_pages[frame], (nint)page);
            return FramePool.None;
        }
    }

    private Op* EntryOf(int frame, int offset)
    {
        CodePage* page = _pages[frame];
        Op* op = page == null ? null : CodePage.Entry(page, offset);
        if (op != null) return op;
        lock (_gate)
        {
            page = _pages[frame];
            if (page == null) return null; // written over this very moment: begin again
            op = CodePage.Entry(page, offset);
            if (op != null) return op;
            long before = page->Bytes;
            op = _decoder.Decode(page, _frames.Pointer(frame), offset, _watched.GetValueOrDefault(frame));
            _totalBytes += page->Bytes - before;
            return op;
        }
    }

    private Op* StraddlingOps(Op* mark, int first, int second)
    {
        lock (_gate)
        {
            CodePage* begin = _pages[first], end = _pages[second];
            if (begin == null || end == null) return null;
            int offset = mark->Offset;
            Op* run = StraddlingRun.Find(begin, offset, end);
            if (run != null) return run;
            byte* bytes = stackalloc byte[RunDecoder.LongestInstruction];
            int head = FramePool.FrameSize - offset, tail = RunDecoder.LongestInstruction - head;
            new ReadOnlySpan<byte>(_frames.Pointer(first) + offset, head).CopyTo(new Span<byte>(bytes, head));
            new ReadOnlySpan<byte>(_frames.Pointer(second), tail).CopyTo(new Span<byte>(bytes + head, tail));
            Op* ops = stackalloc Op[RunDecoder.OpsPerInstruction + 3];
            ops[0] = new Op { Run = &Transfer.StraddleHead, Offset = mark->Offset, Count = 1, Target = mark, C = RunDecoder.StraddleHeadMark };
            int front = 1;
            if (_watched.TryGetValue(first, out HashSet<int>? watched) && watched.Contains(offset))
            {
                ops[front++] = new Op { Run = &Transfer.Watch, Offset = mark->Offset, Count = 1 };
            }
            int count = _decoder.DecodeSingle(bytes, RunDecoder.LongestInstruction, offset, ops + front, step: false);
            return StraddlingRun.Add(begin, offset, end, ops, front + count);
        }
    }

    private bool NeedsCleaning => Volatile.Read(ref _retiredBytes) > RetiredLimit || Volatile.Read(ref _totalBytes) > TotalLimit;

    // The frame's bytes change, or it is given back: any thread, with or without the kernel lock.
    private void Drop(int frame)
    {
        lock (_gate)
        {
            if (_pages[frame] != null) Retire(frame);
        }
    }

    private void Retire(int frame)
    {
        CodePage* page = _pages[frame];
        Volatile.Write(ref *(nint*)&_pages[frame], 0);
        CodePage.MakeStale(page);
        StraddlingRun.Retire(page, ref _retiredRuns);
        page->Next = _retired;
        _retired = page;
        _retiredBytes += page->Bytes;
        _totalBytes -= page->Bytes;
    }

    private void Clean()
    {
        CodePage* garbage;
        StraddlingRun* runs;
        lock (_gate)
        {
            if (_totalBytes > TotalLimit)
            {
                for (int frame = 0; frame < _frames.Capacity; frame++)
                {
                    if (_pages[frame] != null) Retire(frame);
                }
            }
            garbage = _retired;
            runs = _retiredRuns;
            _retired = null;
            _retiredRuns = null;
            _retiredBytes = 0;
        }
        _processors.FlushJumps();
        FreeRetired(garbage);
        StraddlingRun.Free(runs);
    }

    private static void FreeRetired(CodePage* page)
    {
        while (page != null)
        {
            CodePage* next = page->Next;
            CodePage.Free(page);
            page = next;
        }
    }
}
