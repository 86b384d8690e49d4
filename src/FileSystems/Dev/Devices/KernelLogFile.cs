using System.Globalization;
using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Devices;

/// <summary>
/// /dev/kmsg, open: each read gives one line of the kernel log, each write adds one (Linux: Documentation/ABI/testing/dev-kmsg).
/// /dev/console without a terminal writes to the same place.
/// </summary>
internal sealed class KernelLogFile(OpenFlags flags, bool isConsole) : OpenFile(flags)
{
    private const long LookAgain = 500_000_000; // the log wakes nobody
    private const int Informational = 6, LongestLine = 1024;

    private readonly WaitQueue _waiters = new();
    private int _next;

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (isConsole) return 0;
        KernelLog log = current.Kernel.Log;
        while (_next >= log.Lines.Count)
        {
            if (IsNonBlocking) return Errno.EAGAIN;
            long deadline = current.Kernel.Time.Monotonic + LookAgain;
            Errno e = await _waiters.WaitAsync(current, (this, log), static s => s.Item1._next < s.log.Lines.Count, WaitMode.Interruptible, deadline);
            if (e is not (Errno.None or Errno.ETIMEDOUT)) return e;
        }
        byte[] record = Encoding.Latin1.GetBytes(Format(log.Lines.ElementAt(_next), _next));
        if (record.Length > destination.Remaining) return Errno.EINVAL;
        _next++;
        return destination.CopyTo(record) == record.Length ? record.Length : Errno.EFAULT;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        byte[] line = new byte[Math.Min(source.Remaining, LongestLine)];
        long all = source.Remaining;
        int came = source.CopyFrom(line);
        if (came == 0 && all > 0) return new(Errno.EFAULT);
        string text = Encoding.Latin1.GetString(line, 0, came);
        if (text.StartsWith('<') && text.IndexOf('>') is > 0 and < 6 and var end) text = text[(end + 1)..]; // "<6>": facility and level
        current.Kernel.Log.Write(text.TrimEnd('\n'));
        return new(isConsole ? came : all);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table) => PollEvents.Out | PollEvents.WriteNormal | PollEvents.In | PollEvents.ReadNormal;

    // "[    1.000000] text" as "6,0,1000000,-;text".
    private static string Format(string line, int sequence)
    {
        int close = line.IndexOf(']');
        double seconds = double.Parse(line.AsSpan(1, close - 1), CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{Informational},{sequence},{(long)(seconds * 1_000_000)},-;{line[(close + 2)..]}\n");
    }
}
