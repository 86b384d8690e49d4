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

    /// <summary>What the host lets this process do beyond its user's rights (man 2 capget): the guest may do no more.</summary>
    public static unsafe ulong Capabilities
    {
        get
        {
            const uint Version3 = 0x20080522;
            if (!OperatingSystem.IsLinux()) return 0;
            uint* header = stackalloc uint[] { Version3, 0 };
            uint* data = stackalloc uint[6]; // effective, permitted, inheritable: the low words, and the high ones
            return CapGet(header, data) == 0 ? data[0] | (ulong)data[3] << 32 : 0;
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

    [LibraryImport("libc", EntryPoint = "capget")]
    private static unsafe partial int CapGet(uint* header, uint* data);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEuid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEgid();

    [LibraryImport("libc", EntryPoint = "getgroups")]
    private static partial int GetGroups(int size, [Out] uint[] list);
}
