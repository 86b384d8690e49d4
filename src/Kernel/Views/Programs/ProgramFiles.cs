using System.Runtime.CompilerServices;
using Kennel.Memory;
using Kennel.Probes;

namespace Kennel.Views.Programs;

/// <summary>The programs and libraries that tracers have asked about, each read once.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class ProgramFiles(Kernel kernel)
{
    private readonly ConditionalWeakTable<PageCache, Entry> _files = [];

    /// <summary>The program in a file; null when it is none.</summary>
    public ProgramFile? Of(PageCache pages)
    {
        if (!_files.TryGetValue(pages, out Entry? entry)) _files.Add(pages, entry = new Entry(ProgramFile.Read(kernel.Frames, pages)));
        return entry.File;
    }

    /// <summary>The program mapped at an address, and by how much it lies higher than it is linked for.</summary>
    public ProgramFile? Find(AddressSpace memory, ulong address, out ulong bias)
    {
        bias = 0;
        if (memory.Find(address) is not { Pages: { } pages, File: not null } area || Of(pages) is not { } file) return null;
        long offset = (area.PageAt(address & ~0xfffUL) << 12) + (long)(address & 0xfff);
        if (file.AddressOf(offset) is not { } linked) return null;
        bias = address - linked;
        return file;
    }

    /// <summary>The function at an address, or at least the file.</summary>
    public UserSymbol? FindSymbol(AddressSpace memory, ulong address)
    {
        if (Find(memory, address, out ulong bias) is not { } file) return null;
        Vma area = memory.Find(address)!;
        string path = FileNames.Of(area.File!, null);
        ulong offset = ((ulong)area.PageAt(address & ~0xfffUL) << 12) + (address & 0xfff);
        return file.FindSymbol(address - bias) is { } symbol
            ? new UserSymbol(path, symbol.Name, symbol.Address + bias, symbol.Size, offset)
            : new UserSymbol(path, "", file.Base + bias, 0, offset);
    }

    private sealed record Entry(ProgramFile? File);
}
