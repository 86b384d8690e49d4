using System.Runtime.InteropServices;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>
/// Waits on a thread of its own for host descriptors to become readable or writable, and tells the kernel. It reads and writes
/// nothing itself, so bytes are consumed only when a guest asks for them, and no write is reordered.
/// </summary>
internal sealed unsafe partial class HostPoller(Kernel kernel) : IDisposable
{
    public const short In = 1, Out = 4;

    private readonly Lock _gate = new();
    private readonly List<WatchEntry> _watches = []; // guard-note: _gate
    private Thread? _thread;
    private int _wakeRead = -1, _wakeWrite = -1;
    private bool _ended;

    /// <summary>Calls <paramref name="ready"/> once inside the kernel lock when one of the events, an error or a hang-up comes.</summary>
    public void Watch(int fd, short events, Action ready)
    {
        lock (_gate)
        {
            if (_ended) return;
            _watches.Add(new WatchEntry(fd, events, ready));
            if (_thread == null) StartThread();
        }
        Wake();
    }

    /// <summary>Forgets all that was asked for a descriptor, before it is closed.</summary>
    public void Forget(int fd)
    {
        lock (_gate) _watches.RemoveAll(w => w.Fd == fd);
    }

    /// <summary>The events that hold right now, among those asked for, with errors and hang-ups.</summary>
    public static short Look(int fd, short events)
    {
        var entry = new PollEntry { Fd = fd, Events = events };
        return Poll(&entry, 1, 0) > 0 ? entry.Returned : (short)0;
    }

    /// <summary>Blocks the calling host thread, which must not hold the kernel lock, until one of the events comes.</summary>
    public static void WaitFor(int fd, short events)
    {
        var entry = new PollEntry { Fd = fd, Events = events };
        _ = Poll(&entry, 1, -1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_ended) return;
            _ended = true;
        }
        if (_thread == null) return;
        Wake();
        _thread.Join();
        _ = Close(_wakeRead);
        _ = Close(_wakeWrite);
    }

    private void StartThread()
    {
        int* ends = stackalloc int[2];
        if (Pipe(ends, 0x80800) != 0) throw new IOException("The host has no descriptor left to wait with.");
        (_wakeRead, _wakeWrite) = (ends[0], ends[1]);
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "kennel streams" };
        _thread.Start();
    }

    private void Run()
    {
        byte* drain = stackalloc byte[64];
        while (true)
        {
            WatchEntry[] watches;
            lock (_gate)
            {
                if (_ended) return;
                watches = [.. _watches];
            }
            var entries = new PollEntry[watches.Length + 1];
            entries[0] = new PollEntry { Fd = _wakeRead, Events = In };
            for (int i = 0; i < watches.Length; i++) entries[i + 1] = new PollEntry { Fd = watches[i].Fd, Events = watches[i].Events };
            fixed (PollEntry* e = entries)
            {
                if (Poll(e, (nuint)entries.Length, -1) < 0) continue; // interrupted
            }
            if (entries[0].Returned != 0) _ = Read(_wakeRead, drain, 64);
            for (int i = 0; i < watches.Length; i++)
            {
                if (entries[i + 1].Returned != 0) Tell(watches[i]);
            }
        }
    }

    private void Tell(WatchEntry watch)
    {
        lock (_gate)
        {
            if (!_watches.Remove(watch)) return; // forgotten meanwhile
        }
        kernel.Post(watch.Ready);
    }

    private void Wake()
    {
        byte one = 1;
        _ = Write(_wakeWrite, &one, 1); // when the pipe is full, the thread wakes anyway
    }

    private sealed record WatchEntry(int Fd, short Events, Action Ready);

    private struct PollEntry
    {
        public int Fd;
        public short Events, Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);
}
