using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kennel.Bench;

/// <summary>Runs commands and says what CPU time they took, user and kernel, with all their children: on a shared machine wall time says little.</summary>
internal static partial class CpuTime
{
    private const int Children = -1;

    /// <summary>Seconds of CPU time that a command takes to its end.</summary>
    public static double Of(params string[] command)
    {
        var info = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        info.Environment["KENNEL_NO_BUILD"] = "1";
        double before = OfChildren();
        using Process process = Process.Start(info)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {process.ExitCode}: {error}");
        return OfChildren() - before;
    }

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    // Of all children that have been waited for, and theirs.
    private static double OfChildren()
    {
        if (GetResourceUsage(Children, out ResourceUsage usage) != 0) throw new InvalidOperationException("getrusage fails");
        return usage.UserSeconds + usage.SystemSeconds + ((usage.UserMicroseconds + usage.SystemMicroseconds) / 1e6);
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, out ResourceUsage usage);

    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct ResourceUsage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds;
    }
}
