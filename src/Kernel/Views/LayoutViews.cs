namespace Kennel.Views;

/// <summary>Structures in guest memory that scripts know by name, for the offsets of their fields; times are kernel objects as well.</summary>
internal static class LayoutViews
{
    public static IEnumerable<IView> All() =>
    [
        Time("timespec"), Time("timespec64"), Time("timestruct_t"), Stat("stat"), Stat("stat64"), Stat("stat64_32"),
        Layout("timeval", ("tv_sec", "long"), ("tv_usec", "long")),
        Layout("iovec", ("iov_base", "void *"), ("iov_len", "size_t")),
        Layout("pollfd", ("fd", "int"), ("events", "short"), ("revents", "short")),
        Limit(),
        Layout("sockaddr", ("sa_family", "unsigned short"), ("sa_data", "char[14]")),
        Layout("sockaddr_un", ("sun_family", "unsigned short"), ("sun_path", "char[108]")),
        Layout("clone_args", [.. CloneArguments.Select(static n => (n, "u64"))]),
        Layout("utsname", [.. Names.Select(static n => (n, "char[65]"))]),
    ];

    private static readonly string[] CloneArguments =
        ["flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls", "set_tid", "set_tid_size", "cgroup"];

    private static readonly string[] Names = ["sysname", "nodename", "release", "version", "machine", "domainname"];

    private static View<TimePart> Time(string name) => new(name)
    {
        { "tv_sec", "long", t => t.Read() / 1_000_000_000 },
        { "tv_nsec", "long", t => t.Read() % 1_000_000_000 },
    };

    private static View<LimitPart> Limit() => new("rlimit")
    {
        { "rlim_cur", "unsigned long", l => l.Group.Limits[l.Resource].Soft },
        { "rlim_max", "unsigned long", l => l.Group.Limits[l.Resource].Hard },
    };

    // st_size at 48 (arch/x86/include/uapi/asm/stat.h).
    private static View<object> Stat(string name) => Layout(
        name, ("st_dev", "unsigned long"), ("st_ino", "unsigned long"), ("st_nlink", "unsigned long"), ("st_mode", "unsigned int"), ("st_uid", "unsigned int"),
        ("st_gid", "unsigned int"), ("__pad0", "unsigned int"), ("st_rdev", "unsigned long"), ("st_size", "long"), ("st_blksize", "long"), ("st_blocks", "long"),
        ("st_atime", "long"), ("st_atime_nsec", "long"), ("st_mtime", "long"), ("st_mtime_nsec", "long"), ("st_ctime", "long"), ("st_ctime_nsec", "long"));

    private static View<object> Layout(string name, params (string Name, string Type)[] fields)
    {
        var view = new View<object>(name, static _ => null);
        foreach ((string field, string type) in fields) view.Add(field, type, static _ => 0L);
        return view;
    }
}
