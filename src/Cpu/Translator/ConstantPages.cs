namespace Kennel.Cpu.Translator;

/// <summary>
/// Numbers for the guest's pages that code accesses at addresses which are constants in it. Each address space has a table of where the host has
/// such a page (<see cref="TranslatorContext.ReadPagesAt"/>), by this number, which it therefore keeps for good.
/// </summary>
/// <remarks>Guarded by the store's gate; but how many there are can be asked without it: a page has its number before there is code that uses it.</remarks>
internal sealed class ConstantPages
{
    /// <summary>Pages that may have a number: for reads, and for writes.</summary>
    public const int Reads = 1024, Writes = 512;

    private readonly Dictionary<ulong, int> _reads = [], _writes = [];

    private int _readCount, _writeCount;

    /// <summary>Numbers given so far.</summary>
    public int ReadCount => Volatile.Read(ref _readCount);

    /// <inheritdoc cref="ReadCount"/>
    public int WriteCount => Volatile.Read(ref _writeCount);

    /// <summary>The number of the page that lies at an address; -1 if there is none left.</summary>
    public int NumberOf(ulong page, bool write)
    {
        Dictionary<ulong, int> numbers = write ? _writes : _reads;
        if (numbers.TryGetValue(page, out int number)) return number;
        if (numbers.Count == (write ? Writes : Reads)) return -1;
        number = numbers.Count;
        numbers[page] = number;
        Volatile.Write(ref write ? ref _writeCount : ref _readCount, number + 1);
        return number;
    }

    /// <summary>Writes all numbers.</summary>
    public void Write(BinaryWriter writer)
    {
        foreach (Dictionary<ulong, int> numbers in (Dictionary<ulong, int>[])[_reads, _writes])
        {
            writer.Write(numbers.Count);
            foreach (ulong page in numbers.Keys.OrderBy(page => numbers[page])) writer.Write(page);
        }
    }

    /// <summary>Reads what <see cref="Write"/> has written, before any number is given.</summary>
    public void Read(ref KeptReader reader)
    {
        for (int n = reader.Int32(); n > 0; n--) NumberOf((ulong)reader.Int64(), write: false);
        for (int n = reader.Int32(); n > 0; n--) NumberOf((ulong)reader.Int64(), write: true);
    }
}
