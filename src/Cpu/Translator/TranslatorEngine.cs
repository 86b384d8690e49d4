using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Kennel.Cpu.Hosted;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Turns guest code into host code, block by block, and runs that; what it does not translate, the interpreter runs.
/// For x64 Linux hosts.
/// </summary>
public sealed unsafe partial class TranslatorEngine : IExecutionEngine
{
    /// <summary>Instructions between two looks at what others want of this processor, if they are counted.</summary>
    private const long Slice = 50_000;

    /// <summary>If they are not: ticks of the host's time-stamp counter that count as one, about what the interpreter needs for it.</summary>
    private const int TicksShift = 5;

    /// <summary>Stretches too short for the ticker.</summary>
    private const long ShortBudget = 100;

    /// <summary>Instructions that the interpreter runs at a time, at most, to the next jump.</summary>
    private const long InterpreterSlice = 50;

    private const int HardwareCapabilities2 = 26, FsGsBase = 2;

    private readonly InterpreterEngine _interpreter;
    private readonly TranslationStore _store;
    private readonly ProcessorContext[] _contexts;
    private readonly ProcessorSet _processors;
    private readonly bool _counts, _avx;
    private readonly Ticker? _ticker;
    private readonly delegate* unmanaged<TranslatorContext*, nint, void> _enter;
    private readonly delegate* unmanaged[SuppressGCTransition]<TranslatorContext*, void> _setBase;

    private TranslatorEngine(FramePool frames, ProcessorSet processors, TranslationStore store, bool counts, HostInstructions? host)
    {
        _interpreter = new InterpreterEngine(frames, processors, host);
        _avx = host != null;
        _store = store;
        _processors = processors;
        _counts = counts;
        _contexts = new ProcessorContext[processors.Count];
        for (int i = 0; i < _contexts.Length; i++)
        {
            _contexts[i] = new ProcessorContext(store.ConstantPages, store.Address(store.Routines.Base));
            processors[i].ListenAt(&_contexts[i].Context->StackLimit);
        }
        _enter = (delegate* unmanaged<TranslatorContext*, nint, void>)store.Address(store.Routines.Enter);
        _setBase = (delegate* unmanaged[SuppressGCTransition]<TranslatorContext*, void>)store.Address(store.Routines.SetBase);
        if (!counts) _ticker = new Ticker(_contexts, processors, (delegate* unmanaged<long>)store.Address(store.Routines.ReadTicks));
    }

    /// <inheritdoc/>
    public string Name => "translator";

    /// <inheritdoc/>
    public bool CountsInstructions => _counts;

    /// <summary>Guest instructions translated so far.</summary>
    public long Translated => _store.Translated;

    /// <summary>How often code memory was begun anew, and once more.</summary>
    internal long Era => _store.Era;

    /// <summary>Is told of everything that is left to the interpreter, if there is one: for benchmarks, with one processor.</summary>
    internal InterpretedCounter? Interpreted { get; set; }

    /// <summary>Measures what translation costs, if there is one: for benchmarks.</summary>
    internal TranslationMeter? Meter
    {
        get => _store.Meter;
        set => _store.Meter = value;
    }

    /// <summary>An engine for a machine; null where the host cannot: no x64 Linux, an old processor, no generated code allowed.</summary>
    /// <param name="frames">The machine's memory.</param>
    /// <param name="processors">Its processors.</param>
    /// <param name="counts">Whether budgets and <see cref="CpuState.Retired"/> are exact. Otherwise they are estimates: time, in units of
    /// 32 ticks of the host's time-stamp counter.</param>
    /// <param name="level">What the guest's processor has; null is answered where the host's does not have that.</param>
    public static TranslatorEngine? TryCreate(FramePool frames, ProcessorSet processors, bool counts, CpuLevel level = CpuLevel.V2) =>
        TryCreate(frames, processors, counts, level, int.MaxValue / 2);

    /// <summary>The same with less code memory, for tests.</summary>
    internal static TranslatorEngine? TryCreate(FramePool frames, ProcessorSet processors, bool counts, CpuLevel level, int roomForCode)
    {
        bool able = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Sse42.IsSupported &&
            Popcnt.IsSupported && (GetAuxiliaryValue(HardwareCapabilities2) & FsGsBase) != 0;
        if (!able || (level == CpuLevel.V3 && !HostHasV3)) return null;
        HostInstructions? host = level == CpuLevel.V3 ? HostInstructions.TryCreate() : null;
        if (level == CpuLevel.V3 && host == null) return null;
        TranslationStore? store = TranslationStore.TryCreate(frames, processors, counts, level, roomForCode);
        if (store != null) return new TranslatorEngine(frames, processors, store, counts, host);
        host?.Dispose();
        return null;
    }

    /// <summary>Whether the host's processor is of level x86-64-v3, so that the guest's can be.</summary>
    public static bool HostHasV3 => HostProcessor.HasV3();

    /// <inheritdoc/>
    public CpuLevel CpuLevel => _avx ? CpuLevel.V3 : CpuLevel.V2;

    /// <inheritdoc/>
    public StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget)
    {
        if (budget == 1 || (state->Eflags & Flags.Trap) != 0) return _interpreter.Run(processor, state, memory, budget);
        ProcessorContext own = _contexts[processor.Id];
        processor.EnterGuest(memory);
        _setBase(own.Context);
        own.Context->State = state;
        own.IsRunning = true;
        _ticker?.Start();
        try
        {
            return RunSlices(processor, own, state, memory, budget);
        }
        finally
        {
            own.IsRunning = false;
            processor.LeaveGuest();
        }
    }

    /// <inheritdoc/>
    public bool CanWatch => true;

    /// <inheritdoc/>
    public void Watch(int frame, IReadOnlyList<int> offsets)
    {
        _interpreter.Watch(frame, offsets);
        _store.Watch(frame, offsets);
    }

    /// <inheritdoc/>
    public void MaterializeFlags(CpuState* state) => Flags.Materialize(state);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _processors.Count; i++) _processors[i].ListenAt(null);
        _ticker?.Dispose();
        _interpreter.Dispose();
        _store.Dispose();
        foreach (ProcessorContext context in _contexts) context.Dispose();
    }

    private StopReason RunSlices(Processor processor, ProcessorContext own, CpuState* s, PageTable memory, long budget)
    {
        TranslatorContext* c = own.Context;
        var next = new Next();
        while (true)
        {
            own.HeedAttention();
            // With counts, a block that is to be gone on with is, to its end: where a task is preempted depends on nothing but its own history.
            bool isWanted = processor.PreemptRequested || budget <= 0;
            if (isWanted && (next.Kind != NextKind.Resume || !_counts)) return StopReason.Preempted;
            if (processor.PauseRequested)
            {
                processor.Pause();
                Abandon(s, ref next, ref budget);
            }
            nint code = NeedsInterpreter(s) || (!_counts && budget < ShortBudget) ? 0 : Enter(processor, own, s, ref next);
            bool cannotFetch = next.Kind == NextKind.Fault;
            Abandon(s, ref next, ref budget);
            if (cannotFetch) return StopReason.PageFault;
            long slice = isWanted ? 1 : Math.Min(budget, _counts ? Slice : long.MaxValue >> TicksShift);
            c->Budget = _counts ? slice + own.Credit : slice << TicksShift;
            own.Credit = 0;
            if (code != 0)
            {
                Flags.Materialize(s);
                c->Flags = (ushort)((s->Eflags & LowFlags) << 8 | (s->Eflags >> 11 & 1));
                if (own.NeedsX87) X87State.Load(c, s);
                if (_avx) c->YmmInUse = own.IsInMiddle ? 1 : s->YmmInUse;
                if (c->Thread != s->R[CpuState.FsBase]) own.ChangeThread(s->R[CpuState.FsBase]);
                Exchange(s, own.Exchange);
                _enter(c, code);
                Exchange(s, c->Site->Exchange);
                if (_avx) NoteYmm(own, s);
                bool hadX87 = c->X87Loaded != 0;
                if (hadX87) X87State.Unload(c, s, _store);
                own.NeedsX87 = hadX87;
                s->Eflags = (s->Eflags & ~Flags.Status) | ((uint)c->Flags >> 8 & LowFlags) | (((uint)c->Flags & 1) << 11);
                Interpreted?.AddExit(c->Site->Kind);
                next = Left(processor, own, s, memory, c->Site);
            }
            long used = _counts ? slice - c->Budget : code == 0 ? 0 : Math.Max(1, c->Ticks >> TicksShift);
            s->Retired += (ulong)used;
            budget -= used;
            if (next.Kind == NextKind.SystemCall) return StopReason.SystemCall;
            if (next.Kind == NextKind.Fault) return StopReason.PageFault;
            if (next.Kind == NextKind.Simple && SimpleInstructions.TryRun(c->Site, processor, s, CpuLevel, c->Address))
            {
                budget--;
                next = default;
                continue;
            }
            if (code != 0 && next.Kind is not (NextKind.Interpret or NextKind.Simple)) continue;
            ulong before = s->Retired, rip = s->Rip;
            if (_avx && code != 0 && _interpreter.TryRunAlone(processor, s, out StopReason alone))
            {
                if (alone != StopReason.Preempted) return alone;
                s->Retired++;
                budget--;
                next = default;
                continue;
            }
            StopReason stop = _interpreter.Run(processor, s, memory, Math.Min(Math.Max(budget, 2), InterpreterSlice));
            budget -= (long)(s->Retired - before);
            Interpreted?.Add(memory, rip, code != 0 ? $"{c->Site->Kind}" : NeedsInterpreter(s) ? "state" : "no code", s->Retired - before);
            if (stop != StopReason.Preempted) return stop;
            processor.EnterGuest(memory);
            next = default;
        }
    }

    // Before code is entered or after it has been left in a stretch where registers are in each other's places.
    private static void Exchange(CpuState* s, int exchange)
    {
        if (exchange == 0) return;
        Exchange(s, CpuState.R10, exchange & 15);
        Exchange(s, CpuState.R11, exchange >> 4 & 15);
        Exchange(s, CpuState.R15, exchange >> 8 & 15);
    }

    private static void Exchange(CpuState* s, int register, int other)
    {
        if (other != 0) (s->R[register], s->R[other]) = (s->R[other], s->R[register]);
    }

    // Whether upper halves are in use is taken from them: code that went on in the middle of a block may have said so in vain.
    private static void NoteYmm(ProcessorContext own, CpuState* s)
    {
        own.IsInMiddle = false;
        if (own.Context->YmmInUse == 0) s->ClearYmmHigh();
        else s->YmmInUse = new ReadOnlySpan<ulong>(s->YmmHigh, 32).ContainsAnyExcept(0UL) ? 1 : 0;
    }

    // A block is not gone on with, so that nobody else counts what it has done.
    private static void Abandon(CpuState* s, ref Next next, ref long budget)
    {
        s->Retired += (ulong)next.Count;
        budget -= next.Count;
        next = default;
    }

    // The flags that lahf knows.
    private const uint LowFlags = Flags.Carry | Flags.Parity | Flags.Adjust | Flags.Zero | Flags.Sign;

    // Generated code runs with the direction flag clear and all floating-point exceptions masked, or it would have to look.
    private static bool NeedsInterpreter(CpuState* s) =>
        (s->Eflags & (Flags.Direction | Flags.Trap | Flags.AlignmentCheck)) != 0 || (s->Mxcsr & ExceptionMasks) != ExceptionMasks;

    private const uint ExceptionMasks = 0x1f80;

    // What to do after generated code has been left.
    private static Next Left(Processor processor, ProcessorContext own, CpuState* s, PageTable memory, ExitRecord* record)
    {
        TranslatorContext* c = own.Context;
        if (record->Kind == ExitKind.Indirect)
        {
            s->Rip = c->Target;
            if ((ulong)((long)(s->Rip << 16) >> 16) == s->Rip) return default;
            s->Rip = record->Rip;
            s->R[CpuState.Rsp] += (ulong)record->Place;
            c->Budget++;
            return new Next(NextKind.Interpret);
        }
        s->Rip = record->Rip;
        if (record->Kind == ExitKind.Go) return default;
        if (record->Kind == ExitKind.Link) return new Next(NextKind.Link, record->Place, record->Page, Entry: (EntryKind)record->Slot);
        int ranges = (record->Kind == ExitKind.Group ? record->Own : record->Extent) != 0 ? own.Forgotten : NoRanges;
        if (record->Kind == ExitKind.X87 && X87State.CanLoad(s))
        {
            own.NeedsX87 = true;
            return new Next(NextKind.Resume, record->Place, Count: record->Count, Ranges: ranges, Exchange: record->Exchange);
        }
        Found found = record->Kind switch
        {
            ExitKind.Memory => FindMemory(processor, own, s, memory, *record),
            ExitKind.Whole or ExitKind.Element => FindString(own, s, memory, *record) ? Found.Range : Found.Nothing,
            _ => Found.Nothing,
        };
        if (found == Found.Range) return new Next(NextKind.Resume, record->Place, Count: record->Count, Ranges: ranges, Exchange: record->Exchange);
        if (record->Kind == ExitKind.Group && FindGroup(own, memory, *record)) return new Next(NextKind.Resume, record->Place, Count: record->Count, Ranges: ranges, Exchange: record->Exchange);
        c->Budget -= record->Count;
        switch (record->Kind)
        {
            case ExitKind.SystemCall:
                own.ForgetCalls(); // to find the few returns behind it costs less than to mispredict them, and the engine's
                s->R[CpuState.Rcx] = s->Rip;
                s->R[CpuState.R11] = Flags.Image(s);
                return new Next(NextKind.SystemCall);
            case ExitKind.Memory:
                own.Restart = new Restart(s->Rip, record->Page, record->Place, record->Count, own.NeedsX87, c->Address, record->Access, record->Range, record->Exchange, CanResume: record->Extent == 0);
                return new Next(found == Found.Fault ? NextKind.Fault : NextKind.Interpret);
            case ExitKind.Interpret when record->Slot != (byte)SimpleInstruction.None:
                return new Next(NextKind.Simple);
            default:
                return new Next(NextKind.Interpret);
        }
    }

    private enum NextKind
    {
        Go,
        Link,
        Resume,
        SystemCall,
        Fault,
        Simple,
        Interpret,
    }

    private const int NoRanges = -1;

    // Count: for Resume, instructions of the block that are done and will be counted at its end. Ranges: what ProcessorContext.Forgotten
    // was when checks were made that must still hold.
    private readonly record struct Next(NextKind Kind, int Place = 0, int Page = 0, int Count = 0, int Ranges = NoRanges, EntryKind Entry = EntryKind.Direct, int Exchange = 0);

    // Where to enter; 0 if the interpreter has to say why not.
    private nint Enter(Processor processor, ProcessorContext own, CpuState* s, ref Next next)
    {
        own.Prepare(processor.Cache!, _store.Epoch, _store.Era);
        own.NeedsX87 &= next.Kind == NextKind.Resume;
        own.Exchange = 0;
        if (next.Kind == NextKind.Resume && (next.Ranges == NoRanges || next.Ranges == own.Forgotten))
        {
            nint place = _store.Address(next.Place);
            own.Exchange = next.Exchange;
            next = default;
            own.IsInMiddle = true;
            return place;
        }
        Restart restart = own.Restart;
        bool again = restart.Page != 0 && restart.Rip == s->Rip;
        if (again)
        {
            own.Restart = default;
            FindAgain(processor, own, processor.Memory!, restart);
        }
        if (own.Unlinked.Page != 0)
        {
            Unlinked jump = own.Unlinked;
            own.Unlinked = default;
            if (jump.Rip == s->Rip && next.Kind == NextKind.Go) next = new Next(NextKind.Link, jump.Place, jump.Page, Entry: jump.Entry);
        }
        if (next.Kind != NextKind.Link)
        {
            nint known = own.Lookup(s->Rip);
            if (known != 0) return known;
        }
        if (again && restart.CanResume)
        {
            if ((!restart.X87 || X87State.CanLoad(s)) && IsAt(processor.Memory!, restart.Rip, restart.Page))
            {
                own.Credit = restart.Count;
                own.NeedsX87 = restart.X87;
                own.Exchange = restart.Exchange;
                own.IsInMiddle = true;
                return _store.Address(restart.Place);
            }
        }
        // The epoch is that from before the search: should the code be dropped meanwhile, nobody who knows of that will find it
        // by the key of that epoch.
        EntryKind kind = next.Kind == NextKind.Link ? next.Entry : EntryKind.Polling; // the jump table's
        Ways ways;
        long epoch;
        TranslatedPage? found;
        do
        {
            epoch = _store.Epoch;
            ways = _store.Find(processor, s->Rip, kind, out found);
            if (ways.Wanted == 0)
            {
                if (CanFetch(processor.Memory!, s)) return 0;
                if (next.Kind == NextKind.Link) own.Unlinked = new Unlinked(s->Rip, next.Place, next.Page, next.Entry);
                next = next with { Kind = NextKind.Fault };
                return 0;
            }
        }
        while (epoch != _store.Epoch);
        own.Prepare(processor.Cache!, epoch, _store.Era);
        bool isLinked = next.Kind == NextKind.Link && _store.Link(next.Place, next.Page, ways.Wanted, found!);
        if (!isLinked && ways.Polling != 0) own.Remember(s->Rip, _store.Address(ways.Polling));
        return _store.Address(ways.Restoring);
    }

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial ulong GetAuxiliaryValue(ulong type);
}
