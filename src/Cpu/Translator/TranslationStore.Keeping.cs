using Kennel.Machine;
using Microsoft.Win32.SafeHandles;

namespace Kennel.Cpu.Translator;

/// <summary>Code that outlives the store: a file has it (<see cref="KeptCode"/>), and it is taken over area by area.</summary>
internal sealed unsafe partial class TranslationStore
{
    // Of each part of code memory: the next sandbox needs some room of its own.
    private const int LargestKept = FirstCold / 4 * 3;

    // A file is written again when so much of it would be new.
    private const int WorthKeeping = 64;

    // guard-note: under _gate.
    private KeptCode? _kept; // for good, as pages point into it
    private long _keptInstructions;
    private bool _wasWatched;

    /// <summary>Whether there is so much new code that the file should be written, again.</summary>
    public bool IsWorthKeeping
    {
        get
        {
            lock (_gate) return !_wasWatched && Translated > _keptInstructions / WorthKeeping;
        }
    }

    /// <summary>Whether code has become so much that it should be begun anew, rather than kept.</summary>
    public bool IsTooMuchToKeep
    {
        get
        {
            lock (_gate) return _emitter.Position > LargestKept || _translator.Cold - FirstCold > LargestKept;
        }
    }

    /// <summary>Reads a file, before anything is translated. Answers false if it is of no use: of another build or processor, or damaged.</summary>
    public bool Read(SafeFileHandle file)
    {
        lock (_gate)
        {
            if (_emitter.Position != _firstFree) throw new InvalidOperationException("Something has been translated already.");
            KeptCode? kept = KeptCode.TryRead(file, _level);
            if (kept == null || kept.Hot.End > _full || !TryShow(file, kept)) return false;
            KeptReader reader = kept.Tables;
            _keptInstructions = reader.Int64();
            _lastId = reader.Int32();
            _translator.Read(ref reader);
            ConstantPages.Read(ref reader);
            kept.ReadAreas(ref reader);
            _emitter.Position = kept.Hot.End;
            _translator.Cold = kept.Cold.End;
            _kept = kept;
            return true;
        }
    }

    private bool TryShow(SafeFileHandle file, KeptCode kept)
    {
        bool isShown = _memory.TryShow(file, kept.Hot.Offset, 0, kept.Hot.End) && _memory.TryShow(file, kept.Cold.Offset, FirstCold, kept.Cold.End - FirstCold);
        if (!isShown) _memory.Forget();
        return isShown;
    }

    /// <summary>Takes an area's code over, if there is any and it is of what the file is now. The caller holds the kernel lock.</summary>
    /// <param name="key">The area.</param>
    /// <param name="frameOf">Its source's frame for a page.</param>
    public void Adopt(CodeArea key, Func<long, int> frameOf)
    {
        KeptArea? area;
        lock (_gate)
        {
            if (_kept == null || !_kept.Has(key) || _areas.ContainsKey(key)) return;
        }
        if ((key.Source as ICodeSource)?.Version is not { } version) return;
        lock (_gate) area = _kept.Find(key, version);
        if (area == null) return;
        var frames = new int[area.Count];
        int held = 0;
        KeptReader pages = area.Pages;
        for (; held < frames.Length; held++)
        {
            int frame = frameOf(key.FirstPage + pages.Int32());
            if (frame == FramePool.None) break;
            _frames.AddReference(frame); // reading another one must not take it away
            frames[held] = frame;
            pages.Skip(sizeof(int));
            KeptEntries.Skip(ref pages);
        }
        if (held == frames.Length)
        {
            lock (_gate) Adopt(key, area, frames);
        }
        foreach (int frame in frames.AsSpan(0, held)) _frames.Release(frame);
    }

    /// <summary>Writes what is there now to a file. No processor is in guest mode, and the caller holds the kernel lock.</summary>
    public void Write(Stream stream)
    {
        lock (_gate)
        {
            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes);
            writer.Write(_keptInstructions + Translated);
            writer.Write(_lastId);
            _translator.Write(writer);
            ConstantPages.Write(writer);
            long place = bytes.Position;
            writer.Write(0);
            int count = 0;
            foreach (TranslatedArea area in _areas.Values)
            {
                if ((area.Key.Source as ICodeSource)?.Version is not { } version) continue;
                KeptArea.Write(writer, area.Key, version, area.Pages);
                count++;
            }
            foreach (KeptArea area in _kept?.Areas ?? [])
            {
                writer.Write(area.Bytes);
                count++;
            }
            bytes.Position = place;
            writer.Write(count);
            KeptCode.Write(stream, _level, bytes.ToArray(), _memory.Run, _emitter.Position, FirstCold, _translator.Cold);
        }
    }

    private void Adopt(CodeArea key, KeptArea kept, int[] frames)
    {
        if (_areas.ContainsKey(key)) return;
        foreach (int frame in frames)
        {
            _frames.MarkCode(frame);
            if (_frames.WasWritable(frame)) return;
        }
        var area = new TranslatedArea(key);
        KeptReader pages = kept.Pages;
        foreach (int frame in frames)
        {
            ulong address = key.Start + ((ulong)pages.Int32() << FramePool.FrameShift);
            var page = new TranslatedPage(pages.Int32(), frame, address, area, new KeptEntries(pages.At));
            KeptEntries.Skip(ref pages);
            area.Add(page);
            if (!_pages.TryGetValue(frame, out TranslatedPage? first))
            {
                _pages.Add(frame, page);
                continue;
            }
            page.Next = first.Next;
            first.Next = page;
        }
        _areas.Add(key, area);
        _kept!.Remove(kept);
    }
}
