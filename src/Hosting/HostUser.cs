using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

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

    /// <summary>Whether an open file is this user's own (man 2 statx).</summary>
    public static unsafe bool Owns(SafeFileHandle file)
    {
        const int EmptyPath = 0x1000, WantsOwner = 0x8, OwnerAt = 20;
        byte* buffer = stackalloc byte[256];
        byte none = 0;
        return StatX((int)file.DangerousGetHandle(), &none, EmptyPath, WantsOwner, buffer) == 0 && *(uint*)(buffer + OwnerAt) == Uid;
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static unsafe partial int StatX(int directory, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEuid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEgid();

    [LibraryImport("libc", EntryPoint = "getgroups")]
    private static partial int GetGroups(int size, [Out] uint[] list);
}
