using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Ends the slices of generated code that does not count its instructions: a host thread that looks every millisecond who has run
/// long enough. It sleeps while nobody runs guest code.
/// </summary>
internal sealed unsafe class Ticker : IDisposable
{
    /// <summary>Nanoseconds between two looks.</summary>
    private const long Period = 1_000_000;

    /// <summary>Looks at which nobody ran before it goes to sleep.</summary>
    private const int Patience = 20;

    private readonly ProcessorContext[] _contexts;
    private readonly ProcessorSet _processors;
    private readonly delegate* unmanaged<long> _readTicks;
    private readonly HostEvent _event = new();
    private readonly object _gate = new();

    // guard-note: _gate.
    private Thread? _thread;
    private volatile bool _sleeps = true;
    private volatile bool _stops;

    public Ticker(ProcessorContext[] contexts, ProcessorSet processors, delegate* unmanaged<long> readTicks)
    {
        _contexts = contexts;
        _processors = processors;
        _readTicks = readTicks;
    }

    /// <summary>Somebody is about to run guest code, and has said so in <see cref="ProcessorContext.IsRunning"/>.</summary>
    public void Start()
    {
        if (_sleeps) Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stops = true;
            thread = _thread;
        }
        _event.Set();
        thread?.Join();
        _event.Dispose();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (!_sleeps || _stops) return;
            _sleeps = false;
            if (_thread == null)
            {
                _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "kennel ticker" };
                _thread.Start();
            }
        }
        _event.Set();
    }

    private void Run()
    {
        int idle = 0;
        while (!_stops)
        {
            idle = Look() ? 0 : idle + 1;
            if (idle > Patience && GoToSleep())
            {
                _event.Wait(long.MaxValue);
                idle = 0;
            }
            else
            {
                _event.Wait(Period);
            }
        }
    }

    // Whoever begins to run either sees that we sleep, or we see that it runs: the fence is for both sides, so that it needs none.
    private bool GoToSleep()
    {
        _sleeps = true;
        Interlocked.MemoryBarrierProcessWide();
        if (!Array.Exists(_contexts, static c => c.IsRunning)) return true;
        _sleeps = false;
        return false;
    }

    private bool Look()
    {
        bool any = false;
        long now = _readTicks();
        for (int i = 0; i < _contexts.Length; i++)
        {
            if (!_contexts[i].IsRunning) continue;
            any = true;
            TranslatorContext* c = _contexts[i].Context;
            if (now - Volatile.Read(ref c->Began) >= Volatile.Read(ref c->Budget)) _processors[i].RequestAttention();
        }
        return any;
    }
}
