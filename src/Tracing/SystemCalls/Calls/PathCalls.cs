using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Calls that take a path.</summary>
internal static class PathCalls
{
    private static readonly Arg Access = new(static (p, v) => p.Text((uint)v == 0 ? "F_OK" : FileNames.AccessModes.Flags((uint)v)));

    private static readonly Arg StatxFlags = new(static (p, v) =>
    {
        const uint SyncMask = 0x6000;
        string rest = FileNames.StatxFlags.Flags((uint)v & ~SyncMask);
        string sync = FileNames.StatxSync.Value((uint)v & SyncMask);
        p.Text(rest == "0" ? sync : $"{sync}|{rest}");
    });

    // The buffer that getcwd fills holds a path and its end.
    private static readonly Arg OutWorkingDirectory = Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Path(v);
    });

    public static readonly CallShape[] All =
    [
        new(2, "open", Desc | CallClass.File, FilePath, FcntlArgs.OpenFlags, FcntlArgs.OpenMode(1)) { Result = ResultKind.Descriptor },
        new(4, "stat", CallClass.File | Stat, FilePath, FileStructs.OutStat),
        new(6, "lstat", CallClass.File | LStat, FilePath, FileStructs.OutStat),
        new(21, "access", CallClass.File, FilePath, Access),
        new(76, "truncate", CallClass.File, FilePath, Size),
        new(79, "getcwd", CallClass.File, OutWorkingDirectory, Size),
        new(80, "chdir", CallClass.File, FilePath),
        new(82, "rename", CallClass.File, FilePath, FilePath),
        new(83, "mkdir", CallClass.File, FilePath, Mode),
        new(84, "rmdir", CallClass.File, FilePath),
        new(85, "creat", Desc | CallClass.File, FilePath, Mode) { Result = ResultKind.Descriptor },
        new(86, "link", CallClass.File, FilePath, FilePath),
        new(87, "unlink", CallClass.File, FilePath),
        new(88, "symlink", CallClass.File, FilePath, FilePath),
        new(89, "readlink", CallClass.File, FilePath, ReadPath, Size),
        new(90, "chmod", CallClass.File, FilePath, Mode),
        new(92, "chown", CallClass.File, FilePath, Id, Id),
        new(94, "lchown", CallClass.File, FilePath, Id, Id),
        new(132, "utime", CallClass.File, FilePath, In(16, static (p, r) => p.Text($"actime={r.S64(0)}{TimeStructs.Moment(r.S64(0), 0, 9)}, modtime={r.S64(8)}{TimeStructs.Moment(r.S64(8), 0, 9)}"))),
        new(133, "mknod", CallClass.File, FilePath, FcntlArgs.NodeMode, FcntlArgs.NodeDevice(1)),
        new(137, "statfs", CallClass.File | StatFs, FilePath, FileStructs.OutStatFs),
        new(155, "pivot_root", CallClass.File, FilePath, FilePath),
        new(161, "chroot", CallClass.File, FilePath),
        new(163, "acct", CallClass.File, FilePath),
        new(165, "mount", CallClass.File, FilePath, FilePath, Plain.String, Flags(FileNames.MountFlags), Address),
        new(166, "umount2", CallClass.File, FilePath, Flags(FileNames.UmountFlags)),
        new(167, "swapon", CallClass.File, FilePath, Hex32),
        new(168, "swapoff", CallClass.File, FilePath),
        new(188, "setxattr", CallClass.File, FilePath, Plain.String, Data(3), Size, Flags(FileNames.XattrFlags)),
        new(189, "lsetxattr", CallClass.File, FilePath, Plain.String, Data(3), Size, Flags(FileNames.XattrFlags)),
        new(191, "getxattr", CallClass.File, FilePath, Plain.String, FileCalls.XattrValue, Size),
        new(192, "lgetxattr", CallClass.File, FilePath, Plain.String, FileCalls.XattrValue, Size),
        new(194, "listxattr", CallClass.File, FilePath, FileCalls.XattrList, Size),
        new(195, "llistxattr", CallClass.File, FilePath, FileCalls.XattrList, Size),
        new(197, "removexattr", CallClass.File, FilePath, Plain.String),
        new(198, "lremovexattr", CallClass.File, FilePath, Plain.String),
        new(235, "utimes", CallClass.File, FilePath, TimeStructs.FileTimeVals),
        new(254, "inotify_add_watch", Desc | CallClass.File, Fd, FilePath, Flags(FileNames.InotifyEvents)),
        new(257, "openat", Desc | CallClass.File, DirFd, FilePath, FcntlArgs.OpenFlags, FcntlArgs.OpenMode(2)) { Result = ResultKind.Descriptor },
        new(258, "mkdirat", Desc | CallClass.File, DirFd, FilePath, Mode),
        new(259, "mknodat", Desc | CallClass.File, DirFd, FilePath, FcntlArgs.NodeMode, FcntlArgs.NodeDevice(2)),
        new(260, "fchownat", Desc | CallClass.File, DirFd, FilePath, Id, Id, Flags(FileNames.AtFlags)),
        new(261, "futimesat", Desc | CallClass.File, DirFd, FilePath, TimeStructs.FileTimeVals),
        new(262, "newfstatat", Desc | CallClass.File | Stat | LStat | FStat, DirFd, FilePath, FileStructs.OutStat, Flags(FileNames.AtFlags)),
        new(263, "unlinkat", Desc | CallClass.File, DirFd, FilePath, Flags(FileNames.UnlinkAtFlags)),
        new(264, "renameat", Desc | CallClass.File, DirFd, FilePath, DirFd, FilePath),
        new(265, "linkat", Desc | CallClass.File, DirFd, FilePath, DirFd, FilePath, Flags(FileNames.AtFlags)),
        new(266, "symlinkat", Desc | CallClass.File, FilePath, DirFd, FilePath),
        new(267, "readlinkat", Desc | CallClass.File, DirFd, FilePath, ReadPath, Size),
        new(268, "fchmodat", Desc | CallClass.File, DirFd, FilePath, Mode),
        new(269, "faccessat", Desc | CallClass.File, DirFd, FilePath, Access),
        new(280, "utimensat", Desc | CallClass.File, DirFd, FilePath, TimeStructs.FileTimes, Flags(FileNames.AtFlags)),
        new(303, "name_to_handle_at", Desc | CallClass.File, DirFd, FilePath, Address, Address, Flags(FileNames.AtFlags)),
        new(304, "open_by_handle_at", Desc, Fd, Address, FcntlArgs.OpenFlags) { Result = ResultKind.Descriptor },
        new(316, "renameat2", Desc | CallClass.File, DirFd, FilePath, DirFd, FilePath, Flags(FileNames.RenameFlags)),
        new(332, "statx", Desc | CallClass.File | Stat | LStat | FStat, DirFd, FilePath, StatxFlags, Flags(FileNames.StatxMask), FileStructs.OutStatx),
        new(437, "openat2", Desc | CallClass.File, DirFd, FilePath, FcntlArgs.OpenHow, Size) { Result = ResultKind.Descriptor },
        new(439, "faccessat2", Desc | CallClass.File, DirFd, FilePath, Access, Flags(FileNames.FaccessAtFlags)),
        new(452, "fchmodat2", Desc | CallClass.File, DirFd, FilePath, Mode, Flags(FileNames.AtFlags)),
    ];
}
