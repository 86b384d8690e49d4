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

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEuid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEgid();

    [LibraryImport("libc", EntryPoint = "getgroups")]
    private static partial int GetGroups(int size, [Out] uint[] list);
}
