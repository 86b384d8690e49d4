using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>The same program and memory in both engines. Wherever the translator stops, the interpreter is brought there, and all must be the same.</summary>
internal sealed unsafe class EnginePair : IDisposable
{
    private readonly BareMachine _translating = new(translate: true), _interpreting = new();
    private readonly SortedSet<ulong> _pages = [];

    public EnginePair()
    {
        (Translated, Interpreted) = (new GuestCode(_translating), new GuestCode(_interpreting));
        ((TranslatorEngine)_translating.Engine).Interpreted = Counter;
        ((TranslatorEngine)_translating.Engine).Meter = Meter;
    }

    public GuestCode Translated { get; }

    public GuestCode Interpreted { get; }

    /// <summary>Why the translator's code was left.</summary>
    public InterpretedCounter Counter { get; } = new();

    public TranslationMeter Meter { get; } = new(static () => 0);

    public void Both(Action<GuestCode> action)
    {
        action(Translated);
        action(Interpreted);
    }

    /// <summary>Gives a page another frame, which is no part of a range with others, and random content.</summary>
    public void Show(ulong page, PageAccess access, int seed)
    {
        byte[] content = new byte[FramePool.FrameSize];
        new Random(seed).NextBytes(content);
        _pages.Add(page);
        Both(guest =>
        {
            guest.Machine.Frames.Allocate();
            guest.Machine.Map(page, 1, access);
            guest.Machine.Write(page, content);
        });
    }

    /// <summary>Changes what may be done with a page; takes it away if that is nothing.</summary>
    public void Protect(ulong page, PageAccess access)
    {
        Both(guest =>
        {
            if (access == 0) guest.Table.Clear(page, page + FramePool.FrameSize);
            else guest.Table.Protect(page, page + FramePool.FrameSize, access);
        });
        if (access == 0) _pages.Remove(page);
    }

    /// <summary>Runs both until they stop by themselves.</summary>
    public StopReason Run()
    {
        StopReason stop = Run(Translated);
        Assert.Equal(stop, Run(Interpreted));
        if (stop == StopReason.PageFault) Assert.Equal((Interpreted.State->FaultAddress, Interpreted.State->FaultAccess), (Translated.State->FaultAddress, Translated.State->FaultAccess));
        else Assert.Equal(StatusOf(Interpreted), StatusOf(Translated));
        AssertSame();
        return stop;
    }

    /// <summary>Runs the translator until its time is up, and the interpreter to the same place.</summary>
    /// <param name="counter">A register that counts the rounds of the loop that this is in.</param>
    public void RunForAWhile(int counter)
    {
        Assert.Equal(StopReason.Preempted, Translated.Run(20_000));
        while (Translated[counter] - Interpreted[counter] > 2) Interpreted.Run((long)(Translated[counter] - Interpreted[counter] - 1)); // a round has more than one instruction
        for (int n = 0; n < 100 && (Translated.State->Rip, Translated[counter]) != (Interpreted.State->Rip, Interpreted[counter]); n++) Interpreted.Run(1);
        AssertSame();
    }

    public void Dispose()
    {
        Both(static guest => guest.Dispose());
        _translating.Dispose();
        _interpreting.Dispose();
    }

    private static StopReason Run(GuestCode guest)
    {
        StopReason stop;
        do stop = guest.Run();
        while (stop == StopReason.Preempted);
        return stop;
    }

    private static uint StatusOf(GuestCode guest)
    {
        guest.Machine.Engine.MaterializeFlags(guest.State);
        return guest.State->Eflags & 0x8d5;
    }

    private void AssertSame()
    {
        Assert.Equal(Interpreted.State->Rip, Translated.State->Rip);
        Assert.Equal(new ReadOnlySpan<ulong>(Interpreted.State->R, 16), new ReadOnlySpan<ulong>(Translated.State->R, 16));
        byte[] here = new byte[FramePool.FrameSize], there = new byte[FramePool.FrameSize];
        foreach (ulong page in _pages)
        {
            _translating.Read(page, here);
            _interpreting.Read(page, there);
            Assert.True(here.AsSpan().SequenceEqual(there), $"page {page:x}");
        }
    }
}
