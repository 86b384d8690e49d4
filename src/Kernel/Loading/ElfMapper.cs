using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Loading;

/// <summary>Where a program's parts have come to lie.</summary>
internal readonly record struct ElfPlaces(ulong Bias, ulong Entry, ulong ProgramHeaders, ulong End);

/// <summary>
/// Maps the segments of ELF files: the file's pages, zeros behind them. Nothing here trusts a number in the file; every range goes
/// through <see cref="AddressSpace.Map"/>, which refuses what does not fit. Linux: fs/binfmt_elf.c, elf_load.
/// </summary>
internal sealed class ElfMapper(AddressSpace memory)
{
    private const ulong PageMask = ~(AddressSpace.PageSize - 1);

    // Linux: ELF_ET_DYN_BASE, two thirds of the address space.
    private const ulong DynamicBase = AddressSpace.Top / 3 * 2 & PageMask;

    private ulong _codeStart = ulong.MaxValue, _codeEnd, _dataStart, _dataEnd;

    /// <summary>Maps the program itself. False when it cannot be run.</summary>
    public bool MapProgram(ExecutableFile file, ElfImage image, out ElfPlaces places)
    {
        places = default;
        ulong? wanted = 0;
        if (image.IsPositionIndependent)
        {
            wanted = null;
            if (image.Interpreter != null)
            {
                ulong low = DynamicBase;
                if (image.Alignment != 0) low &= ~(image.Alignment - 1);
                wanted = low;
            }
        }
        if (!MapSegments(file, image, wanted, out ulong bias, out ulong end)) return false;
        ulong headers = 0;
        foreach (ElfSegment s in image.Loads)
        {
            ulong at = image.Header.SegmentOffset;
            if (s.Offset <= at && at - s.Offset < s.FileSize)
            {
                headers = at - s.Offset + s.Address + bias;
                break;
            }
        }
        places = new ElfPlaces(bias, image.Header.Entry + bias, headers, end);
        return places.Entry < AddressSpace.Top;
    }

    /// <summary>Maps the dynamic linker where there is room.</summary>
    public bool MapInterpreter(ExecutableFile file, ElfImage image, out ulong bias, out ulong entry)
    {
        (ulong codeStart, ulong codeEnd, ulong dataStart, ulong dataEnd) = (_codeStart, _codeEnd, _dataStart, _dataEnd);
        bool mapped = MapSegments(file, image, image.IsPositionIndependent ? null : 0, out bias, out _);
        (_codeStart, _codeEnd, _dataStart, _dataEnd) = (codeStart, codeEnd, dataStart, dataEnd); // the program's are meant
        entry = image.Header.Entry + bias;
        return mapped && entry < AddressSpace.Top;
    }

    /// <summary>Puts the heap behind the program, or, for a program among the libraries (static-pie), well below them.</summary>
    public bool SetUpBreak(ElfImage image, ElfPlaces places)
    {
        ulong start = PageUp(places.End);
        if (image.IsPositionIndependent && image.Interpreter == null) start = DynamicBase;
        memory.Layout = memory.Layout with
        {
            CodeStart = _codeStart,
            CodeEnd = _codeEnd,
            DataStart = _dataStart,
            DataEnd = _dataEnd,
            BreakStart = start,
        };
        memory.Break = start;
        return start < AddressSpace.Top;
    }

    // The load base is where the first segment's page 0 comes to lie: 0 for a fixed address, null for anywhere.
    private bool MapSegments(ExecutableFile file, ElfImage image, ulong? loadBase, out ulong bias, out ulong end)
    {
        bias = end = 0;
        ulong span = image.Span;
        if (image.Loads.Length == 0) return true; // jumps to nowhere, and dies there
        if (span == 0 || span > AddressSpace.Top) return false;
        bool first = true;
        foreach (ElfSegment s in image.Loads)
        {
            if (first)
            {
                if (loadBase == null && !FindRoom(image, span, out loadBase)) return false;
                bias = image.IsPositionIndependent ? loadBase!.Value - (s.Address & PageMask) : 0;
            }
            ulong address = s.Address + bias;
            bool isFixedProgram = first && !image.IsPositionIndependent;
            if (!MapSegment(file, s, address, isFixedProgram ? MapFlags.MAP_FIXED_NOREPLACE : MapFlags.MAP_FIXED)) return false;
            if (address >= AddressSpace.Top || s.FileSize > s.MemorySize || s.MemorySize > AddressSpace.Top - address) return false;
            Note(s, address);
            end = Math.Max(end, address + s.MemorySize);
            first = false;
        }
        return true;
    }

    // A place for all segments together; later ones then lie at fixed distances.
    private bool FindRoom(ElfImage image, ulong span, out ulong? loadBase)
    {
        ulong alignment = Math.Max(image.Alignment, AddressSpace.PageSize);
        ulong length = PageUp(span) + (alignment > AddressSpace.PageSize ? alignment : 0);
        loadBase = 0;
        if (length < span) return false;
        if (memory.Map(0, length, PageAccess.None, MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS, null, 0, out ulong address) != Errno.None) return false;
        memory.Remove(address, address + length);
        loadBase = (address + length - PageUp(span)) & ~(alignment - 1);
        return true;
    }

    private bool MapSegment(ExecutableFile file, ElfSegment s, ulong address, MapFlags placing)
    {
        ulong start = address & PageMask, inPage = address - start;
        ulong fileEnd = address + s.FileSize, memoryEnd = address + s.MemorySize;
        if (fileEnd < address || memoryEnd < address || inPage > s.Offset) return s.FileSize == 0 && MapZeros(s, start, memoryEnd, placing);
        if (s.FileSize == 0) return s.MemorySize == 0 || MapZeros(s, start, memoryEnd, placing);
        ulong offset = s.Offset - inPage;
        if ((offset & ~PageMask) != 0 || offset > long.MaxValue) return false;
        Errno e = memory.Map(start, fileEnd - start, s.Access, placing | MapFlags.MAP_PRIVATE, file.File, (long)offset, out _);
        if (e != Errno.None) return false;
        if (memoryEnd <= fileEnd) return true;
        ulong pageEnd = PageUp(fileEnd);
        // What the last page of the file holds behind the segment must read as zero; a read-only segment keeps it, as in Linux.
        if (pageEnd > fileEnd && !ClearTail(fileEnd, pageEnd) && (s.Access & PageAccess.Write) != 0) return false;
        return memoryEnd <= pageEnd || MapZeros(s, pageEnd, memoryEnd, MapFlags.MAP_FIXED);
    }

    // Linux: vm_brk_flags; such memory is always readable and writable.
    private bool MapZeros(ElfSegment s, ulong start, ulong end, MapFlags placing)
    {
        if (end < start) return false;
        PageAccess access = PageAccess.Read | PageAccess.Write | (s.Access & PageAccess.Execute);
        ulong length = PageUp(end) - start;
        return length == 0 || memory.Map(start, length, access, placing | MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS, null, 0, out _) == Errno.None;
    }

    private unsafe bool ClearTail(ulong start, ulong end)
    {
        byte* host = memory.Reach(start, PageAccess.Write);
        if (host == null) return false;
        new Span<byte>(host, (int)(end - start)).Clear();
        return true;
    }

    private void Note(ElfSegment s, ulong address)
    {
        ulong end = address + s.FileSize;
        if ((s.Access & PageAccess.Execute) != 0)
        {
            _codeStart = Math.Min(_codeStart, address);
            _codeEnd = Math.Max(_codeEnd, end);
        }
        _dataStart = Math.Max(_dataStart, address);
        _dataEnd = Math.Max(_dataEnd, end);
    }

    private static ulong PageUp(ulong value) => (value + AddressSpace.PageSize - 1) & PageMask;
}
