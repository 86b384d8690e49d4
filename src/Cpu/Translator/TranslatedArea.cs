using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// The translated pages of a <see cref="CodeArea"/>. Their code goes from one to the other without asking, so it stays or goes together.
/// </summary>
/// <remarks>Guarded by the store's gate.</remarks>
internal sealed class TranslatedArea(CodeArea key)
{
    private readonly Dictionary<ulong, TranslatedPage> _pages = [];
    private readonly HashSet<int> _ids = [];

    public CodeArea Key { get; } = key;

    /// <summary>All pages.</summary>
    public Dictionary<ulong, TranslatedPage>.ValueCollection Pages => _pages.Values;

    /// <summary>The page at an address in it, if there is code of it.</summary>
    public TranslatedPage? this[ulong address] => _pages.GetValueOrDefault(address & ~(ulong)(FramePool.FrameSize - 1));

    public void Add(TranslatedPage page)
    {
        _pages[page.Address] = page;
        _ids.Add(page.Id);
    }

    /// <summary>Whether the page with this number is one of them.</summary>
    public bool Has(int id) => _ids.Contains(id);

    /// <summary>Forgets all pages, so that nothing is linked to them any more.</summary>
    public void Clear()
    {
        _pages.Clear();
        _ids.Clear();
    }
}
