using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>Counts what the translator leaves to the interpreter: a tool to find out what to translate next.</summary>
/// <remarks>For one processor; it looks at every instruction's bytes, so nothing is measured while it counts.</remarks>
internal sealed unsafe class InterpretedCounter
{
    private readonly Dictionary<(string Cause, string Form), Use> _uses = [];

    /// <summary>How often the interpreter was entered at a form for a cause, and what it ran then: it goes on to a jump.</summary>
    public sealed record Use(string Cause, string Form)
    {
        public long Times { get; set; }
        public long Instructions { get; set; }
    }

    /// <summary>How often generated code was left, by reason.</summary>
    public SortedDictionary<ExitKind, long> Exits { get; } = [];

    /// <summary>Notes that generated code was left.</summary>
    public void AddExit(ExitKind kind) => Exits[kind] = Exits.GetValueOrDefault(kind) + 1;

    /// <summary>All of them, the most instructions first.</summary>
    public IEnumerable<Use> Uses => _uses.Values.OrderByDescending(use => use.Instructions);

    /// <summary>Notes that the interpreter ran some instructions from an address on.</summary>
    public void Add(PageTable memory, ulong rip, string cause, ulong instructions)
    {
        Span<byte> bytes = stackalloc byte[15];
        int length = 0;
        lock (memory.Gate)
        {
            for (; length < bytes.Length; length++)
            {
                ulong address = rip + (ulong)length;
                Pte pte = address < PageTable.AddressLimit ? memory.Walk(address, out _) : default;
                if (!pte.IsPresent) break;
                bytes[length] = memory.Frames.Pointer(pte.Frame)[address & 0xfff];
            }
        }
        Instruction i = Decoder.Create(64, bytes[..length].ToArray()).Decode();
        string prefix = i.HasRepPrefix ? "rep " : i.HasRepnePrefix ? "repne " : i.HasLockPrefix ? "lock " : "";
        bool straddles = (rip & 0xfff) + (ulong)i.Length > 0x1000;
        var key = (straddles ? "two pages" : cause, $"{prefix}{i.Code}");
        if (!_uses.TryGetValue(key, out Use? use)) _uses.Add(key, use = new Use(key.Item1, key.Item2));
        use.Times++;
        use.Instructions += (long)instructions;
    }
}
