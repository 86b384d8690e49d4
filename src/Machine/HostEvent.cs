using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>
/// What an idle processor's host thread sleeps on: any thread sets it, its own thread waits, with a time-out in nanoseconds. A set
/// that comes before the wait is not lost. On Linux it is an eventfd, because .NET's own events count milliseconds.
/// </summary>
public sealed unsafe partial class HostEvent : IDisposable
{
    private const int NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const short PollIn = 1;

    private readonly int _descriptor = -1;
    private readonly AutoResetEvent? _event;

    /// <summary>An event that is not set.</summary>
    public HostEvent()
    {
        if (OperatingSystem.IsLinux()) _descriptor = EventFd(0, NonBlocking | CloseOnExec);
        if (_descriptor < 0) _event = new AutoResetEvent(false);
    }

    /// <summary>Ends the wait, or the next one.</summary>
    public void Set()
    {
        if (_event != null)
        {
            _event.Set();
            return;
        }
        ulong one = 1;
        _ = Write(_descriptor, &one, sizeof(ulong));
    }

    /// <summary>Waits until set, or for so long; <see cref="long.MaxValue"/> for ever.</summary>
    public void Wait(long nanoseconds)
    {
        if (_event != null)
        {
            long milliseconds = nanoseconds == long.MaxValue ? -1 : Math.Min((nanoseconds + 999_999) / 1_000_000, int.MaxValue);
            _event.WaitOne((int)milliseconds);
            return;
        }
        var poll = new PollFd { Descriptor = _descriptor, Events = PollIn };
        var time = new TimeSpecification { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        if (Poll(&poll, 1, nanoseconds == long.MaxValue ? null : &time, null) <= 0) return;
        ulong count;
        _ = Read(_descriptor, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _event?.Dispose();
        if (_descriptor >= 0) _ = Close(_descriptor);
    }

    private struct PollFd
    {
        public int Descriptor;
        public short Events, Returned;
    }

    private struct TimeSpecification
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(PollFd* descriptors, nuint count, TimeSpecification* timeout, void* mask);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
