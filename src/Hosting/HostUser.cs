using System.Runtime.InteropServices;

namespace Kennel;

/// <summary>Who runs this .NET process.</summary>
internal static partial class HostUser
{
    public static uint Uid => OperatingSystem.IsWindows() ? 1000 : GetEuid();

    public static uint Gid => OperatingSystem.IsWindows() ? 1000 : GetEgid();

    public static IReadOnlyList<uint> Groups
    {
        get
        {
            if (OperatingSystem.IsWindows()) return [];
            var groups = new uint[256];
            int count = GetGroups(groups.Length, groups);
            return count <= 0 ? [] : groups[..count];
        }
    }

    /// <summary>What the host lets this process do beyond its user's rights (CapEff of man 5 proc_pid_status): the guest may do no more.</summary>
    public static ulong Capabilities
    {
        get
        {
            const string Name = "CapEff:";
            if (!OperatingSystem.IsLinux()) return 0;
            string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
            return line == null ? 0 : ulong.Parse(line.AsSpan(Name.Length).Trim(), System.Globalization.NumberStyles.HexNumber);
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEuid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEgid();

    [LibraryImport("libc", EntryPoint = "getgroups")]
    private static partial int GetGroups(int size, [Out] uint[] list);
}
