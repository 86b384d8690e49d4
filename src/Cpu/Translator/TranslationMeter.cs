using Iced.Intel;

namespace Kennel.Cpu.Translator;

/// <summary>Measures what translation costs: a tool for benchmarks.</summary>
/// <remarks>Used under the store's gate; read it when nothing runs.</remarks>
/// <param name="clock">Nanoseconds that the calling thread has run.</param>
internal sealed class TranslationMeter(Func<long> clock)
{
    /// <summary>Instructions that count as the first ones.</summary>
    public const int First = 20_000;

    private readonly HashSet<(int Page, ulong Address)> _known = [];
    private readonly HashSet<ulong> _addresses = [];
    private readonly HashSet<int> _pages = [];
    private readonly long _clockCost = CostOf(clock);
    private long _began;

    /// <summary>Blocks translated, and their instructions.</summary>
    public long Blocks { get; private set; }

    /// <inheritdoc cref="Blocks"/>
    public long Instructions { get; private set; }

    /// <summary>Instructions that had been translated before in another block of the same page.</summary>
    public long Again { get; private set; }

    /// <summary>Those that had been translated before at the same address, but of another page: in another process, or after the page had changed.</summary>
    public long Elsewhere { get; private set; }

    /// <summary>Accesses whose slot a register points to: <see cref="BlockTranslator"/>'s pins.</summary>
    public long Pinned { get; private set; }

    /// <summary>Pages that anything was translated of.</summary>
    public int Pages => _pages.Count;

    /// <summary>Bytes of code that is run often, and of code that seldom is.</summary>
    public long Hot { get; private set; }

    /// <inheritdoc cref="Hot"/>
    public long Cold { get; private set; }

    /// <summary>Nanoseconds for all of it.</summary>
    public long Time { get; private set; }

    /// <summary>The first instructions, and nanoseconds for them.</summary>
    public long FirstInstructions { get; private set; }

    /// <inheritdoc cref="FirstInstructions"/>
    public long FirstTime { get; private set; }

    /// <summary>Something is about to be translated.</summary>
    public void Begin() => _began = clock();

    /// <summary>A block has been translated.</summary>
    public void Add(int page, ReadOnlySpan<Instruction> block)
    {
        long began = clock();
        Blocks++;
        Instructions += block.Length;
        _pages.Add(page);
        foreach (ref readonly Instruction i in block)
        {
            bool again = !_known.Add((page, i.IP)), known = !_addresses.Add(i.IP);
            if (again) Again++;
            else if (known) Elsewhere++;
        }
        _began += clock() - began + _clockCost; // this is not translation
    }

    /// <summary>An access uses a register that points to its slot.</summary>
    public void AddPinned() => Pinned++;

    /// <summary>Nothing more is about to be translated now.</summary>
    public void End(int hot, int cold)
    {
        Time += clock() - _began - _clockCost;
        Hot += hot;
        Cold += cold;
        if (Instructions <= First) (FirstInstructions, FirstTime) = (Instructions, Time);
    }

    private static long CostOf(Func<long> clock)
    {
        const int times = 10_000;
        long began = clock();
        for (int n = 1; n < times; n++) _ = clock();
        return (clock() - began) / times;
    }
}
