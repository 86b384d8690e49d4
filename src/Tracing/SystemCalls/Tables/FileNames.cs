namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Names of bits and values of calls on files. The order is that of strace's output.</summary>
internal static class FileNames
{
    public static readonly Xlat OpenModes = new("O_???",
        [(0x0, "O_RDONLY"), (0x1, "O_WRONLY"), (0x2, "O_RDWR"), (0x3, "O_ACCMODE")]);

    public static readonly Xlat OpenFlags = new("O_???",
        [(0x40, "O_CREAT"), (0x80, "O_EXCL"), (0x100, "O_NOCTTY"), (0x200, "O_TRUNC"), (0x400, "O_APPEND"), (0x800, "O_NONBLOCK"),
         (0x101000, "O_SYNC"), (0x1000, "O_DSYNC"), (0x2000, "FASYNC"), (0x4000, "O_DIRECT"), (0x8000, "O_LARGEFILE"),
         (0x20000, "O_NOFOLLOW"), (0x40000, "O_NOATIME"), (0x80000, "O_CLOEXEC"), (0x200000, "O_PATH"), (0x410000, "O_TMPFILE"),
         (0x10000, "O_DIRECTORY")]);

    public static readonly Xlat AtFlags = new("AT_???",
        [(0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_REMOVEDIR"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT"),
         (0x1000, "AT_EMPTY_PATH"), (0x8000, "AT_RECURSIVE")]);

    public static readonly Xlat FaccessAtFlags = new("AT_???",
        [(0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_EACCESS"), (0x1000, "AT_EMPTY_PATH")]);

    public static readonly Xlat UnlinkAtFlags = new("AT_???",
        [(0x200, "AT_REMOVEDIR")]);

    public static readonly Xlat StatxSync = new("AT_STATX_???",
        [(0x0, "AT_STATX_SYNC_AS_STAT"), (0x2000, "AT_STATX_FORCE_SYNC"), (0x4000, "AT_STATX_DONT_SYNC")]);

    public static readonly Xlat StatxFlags = new("AT_???",
        [(0x100, "AT_SYMLINK_NOFOLLOW"), (0x800, "AT_NO_AUTOMOUNT"), (0x1000, "AT_EMPTY_PATH")]);

    public static readonly Xlat StatxMask = new("STATX_???",
        [(0xfff, "STATX_ALL"), (0x7ff, "STATX_BASIC_STATS"), (0x1, "STATX_TYPE"), (0x2, "STATX_MODE"), (0x4, "STATX_NLINK"),
         (0x8, "STATX_UID"), (0x10, "STATX_GID"), (0x20, "STATX_ATIME"), (0x40, "STATX_MTIME"), (0x80, "STATX_CTIME"),
         (0x100, "STATX_INO"), (0x200, "STATX_SIZE"), (0x400, "STATX_BLOCKS"), (0x800, "STATX_BTIME"), (0x1000, "STATX_MNT_ID"),
         (0x2000, "STATX_DIOALIGN")]);

    public static readonly Xlat StatxAttributes = new("STATX_ATTR_???",
        [(0x4, "STATX_ATTR_COMPRESSED"), (0x10, "STATX_ATTR_IMMUTABLE"), (0x20, "STATX_ATTR_APPEND"), (0x40, "STATX_ATTR_NODUMP"),
         (0x800, "STATX_ATTR_ENCRYPTED"), (0x1000, "STATX_ATTR_AUTOMOUNT"), (0x2000, "STATX_ATTR_MOUNT_ROOT"),
         (0x100000, "STATX_ATTR_VERITY"), (0x200000, "STATX_ATTR_DAX")]);

    public static readonly Xlat AccessModes = new("?_OK",
        [(0x4, "R_OK"), (0x2, "W_OK"), (0x1, "X_OK")]);

    public static readonly Xlat Whence = new("SEEK_???",
        [(0x0, "SEEK_SET"), (0x1, "SEEK_CUR"), (0x2, "SEEK_END"), (0x3, "SEEK_DATA"), (0x4, "SEEK_HOLE")]);

    public static readonly Xlat FileTypes = new("S_IF???",
        [(0x8000, "S_IFREG"), (0xc000, "S_IFSOCK"), (0xa000, "S_IFLNK"), (0x6000, "S_IFBLK"), (0x4000, "S_IFDIR"), (0x2000, "S_IFCHR"),
         (0x1000, "S_IFIFO")]);

    public static readonly Xlat FcntlCommands = new("F_???",
        [(0x0, "F_DUPFD"), (0x1, "F_GETFD"), (0x2, "F_SETFD"), (0x3, "F_GETFL"), (0x4, "F_SETFL"), (0x5, "F_GETLK"), (0x6, "F_SETLK"),
         (0x7, "F_SETLKW"), (0x8, "F_SETOWN"), (0x9, "F_GETOWN"), (0xa, "F_SETSIG"), (0xb, "F_GETSIG"), (0xf, "F_SETOWN_EX"),
         (0x10, "F_GETOWN_EX"), (0x11, "F_GETOWNER_UIDS"), (0x24, "F_OFD_GETLK"), (0x25, "F_OFD_SETLK"), (0x26, "F_OFD_SETLKW"),
         (0x400, "F_SETLEASE"), (0x401, "F_GETLEASE"), (0x402, "F_NOTIFY"), (0x405, "F_CANCELLK"), (0x406, "F_DUPFD_CLOEXEC"),
         (0x407, "F_SETPIPE_SZ"), (0x408, "F_GETPIPE_SZ"), (0x409, "F_ADD_SEALS"), (0x40a, "F_GET_SEALS"), (0x40b, "F_GET_RW_HINT"),
         (0x40c, "F_SET_RW_HINT"), (0x40d, "F_GET_FILE_RW_HINT"), (0x40e, "F_SET_FILE_RW_HINT")]);

    public static readonly Xlat DescriptorFlags = new("FD_???",
        [(0x1, "FD_CLOEXEC")]);

    public static readonly Xlat LockTypes = new("F_???",
        [(0x0, "F_RDLCK"), (0x1, "F_WRLCK"), (0x2, "F_UNLCK"), (0x4, "F_EXLCK"), (0x8, "F_SHLCK")]);

    public static readonly Xlat FlockOperations = new("LOCK_???",
        [(0x20, "LOCK_MAND"), (0xc0, "LOCK_RW"), (0x40, "LOCK_READ"), (0x80, "LOCK_WRITE"), (0x1, "LOCK_SH"), (0x2, "LOCK_EX"),
         (0x8, "LOCK_UN"), (0x4, "LOCK_NB")]);

    public static readonly Xlat Seals = new("F_SEAL_???",
        [(0x1, "F_SEAL_SEAL"), (0x2, "F_SEAL_SHRINK"), (0x4, "F_SEAL_GROW"), (0x8, "F_SEAL_WRITE"), (0x10, "F_SEAL_FUTURE_WRITE")]);

    public static readonly Xlat Notifications = new("DN_???",
        [(0x1, "DN_ACCESS"), (0x2, "DN_MODIFY"), (0x4, "DN_CREATE"), (0x8, "DN_DELETE"), (0x10, "DN_RENAME"), (0x20, "DN_ATTRIB"),
         (0x80000000, "DN_MULTISHOT")]);

    public static readonly Xlat FallocateModes = new("FALLOC_FL_???",
        [(0x1, "FALLOC_FL_KEEP_SIZE"), (0x2, "FALLOC_FL_PUNCH_HOLE"), (0x4, "FALLOC_FL_NO_HIDE_STALE"),
         (0x8, "FALLOC_FL_COLLAPSE_RANGE"), (0x10, "FALLOC_FL_ZERO_RANGE"), (0x20, "FALLOC_FL_INSERT_RANGE"),
         (0x40, "FALLOC_FL_UNSHARE_RANGE")]);

    public static readonly Xlat FileAdvice = new("POSIX_FADV_???",
        [(0x0, "POSIX_FADV_NORMAL"), (0x1, "POSIX_FADV_RANDOM"), (0x2, "POSIX_FADV_SEQUENTIAL"), (0x3, "POSIX_FADV_WILLNEED"),
         (0x4, "POSIX_FADV_DONTNEED"), (0x5, "POSIX_FADV_NOREUSE")]);

    public static readonly Xlat SyncRangeFlags = new("SYNC_FILE_RANGE_???",
        [(0x1, "SYNC_FILE_RANGE_WAIT_BEFORE"), (0x2, "SYNC_FILE_RANGE_WRITE"), (0x4, "SYNC_FILE_RANGE_WAIT_AFTER")]);

    public static readonly Xlat SpliceFlags = new("SPLICE_F_???",
        [(0x1, "SPLICE_F_MOVE"), (0x2, "SPLICE_F_NONBLOCK"), (0x4, "SPLICE_F_MORE"), (0x8, "SPLICE_F_GIFT")]);

    public static readonly Xlat RenameFlags = new("RENAME_??",
        [(0x1, "RENAME_NOREPLACE"), (0x2, "RENAME_EXCHANGE"), (0x4, "RENAME_WHITEOUT")]);

    public static readonly Xlat XattrFlags = new("XATTR_???",
        [(0x1, "XATTR_CREATE"), (0x2, "XATTR_REPLACE")]);

    public static readonly Xlat MountFlags = new("MS_???",
        [(0x1, "MS_RDONLY"), (0x2, "MS_NOSUID"), (0x4, "MS_NODEV"), (0x8, "MS_NOEXEC"), (0x10, "MS_SYNCHRONOUS"), (0x20, "MS_REMOUNT"),
         (0x40, "MS_MANDLOCK"), (0x80, "MS_DIRSYNC"), (0x100, "MS_NOSYMFOLLOW"), (0x400, "MS_NOATIME"), (0x800, "MS_NODIRATIME"),
         (0x1000, "MS_BIND"), (0x2000, "MS_MOVE"), (0x4000, "MS_REC"), (0x8000, "MS_SILENT"), (0x10000, "MS_POSIXACL"),
         (0x20000, "MS_UNBINDABLE"), (0x40000, "MS_PRIVATE"), (0x80000, "MS_SLAVE"), (0x100000, "MS_SHARED"), (0x200000, "MS_RELATIME"),
         (0x400000, "MS_KERNMOUNT"), (0x800000, "MS_I_VERSION"), (0x1000000, "MS_STRICTATIME"), (0x2000000, "MS_LAZYTIME")]);

    public static readonly Xlat UmountFlags = new("MNT_???",
        [(0x1, "MNT_FORCE"), (0x2, "MNT_DETACH"), (0x4, "MNT_EXPIRE"), (0x8, "UMOUNT_NOFOLLOW")]);

    public static readonly Xlat StatfsFlags = new("ST_???",
        [(0x20, "ST_VALID"), (0x1, "ST_RDONLY"), (0x2, "ST_NOSUID"), (0x4, "ST_NODEV"), (0x8, "ST_NOEXEC"), (0x10, "ST_SYNCHRONOUS"),
         (0x40, "ST_MANDLOCK"), (0x400, "ST_NOATIME"), (0x800, "ST_NODIRATIME"), (0x1000, "ST_RELATIME")]);

    public static readonly Xlat ReadWriteFlags = new("RWF_???",
        [(0x1, "RWF_HIPRI"), (0x2, "RWF_DSYNC"), (0x4, "RWF_SYNC"), (0x8, "RWF_NOWAIT"), (0x10, "RWF_APPEND")]);

    public static readonly Xlat MemfdFlags = new("MFD_???",
        [(0x1, "MFD_CLOEXEC"), (0x2, "MFD_ALLOW_SEALING"), (0x4, "MFD_HUGETLB")]);

    public static readonly Xlat ResolveFlags = new("RESOLVE_???",
        [(0x1, "RESOLVE_NO_XDEV"), (0x2, "RESOLVE_NO_MAGICLINKS"), (0x4, "RESOLVE_NO_SYMLINKS"), (0x8, "RESOLVE_BENEATH"),
         (0x10, "RESOLVE_IN_ROOT"), (0x20, "RESOLVE_CACHED")]);

    public static readonly Xlat InotifyFlags = new("IN_???",
        [(0x80000, "IN_CLOEXEC"), (0x800, "IN_NONBLOCK")]);

    public static readonly Xlat InotifyEvents = new("IN_???",
        [(0x1, "IN_ACCESS"), (0x2, "IN_MODIFY"), (0x4, "IN_ATTRIB"), (0x8, "IN_CLOSE_WRITE"), (0x10, "IN_CLOSE_NOWRITE"),
         (0x20, "IN_OPEN"), (0x40, "IN_MOVED_FROM"), (0x80, "IN_MOVED_TO"), (0x100, "IN_CREATE"), (0x200, "IN_DELETE"),
         (0x400, "IN_DELETE_SELF"), (0x800, "IN_MOVE_SELF"), (0x2000, "IN_UNMOUNT"), (0x4000, "IN_Q_OVERFLOW"), (0x8000, "IN_IGNORED"),
         (0x1000000, "IN_ONLYDIR"), (0x2000000, "IN_DONT_FOLLOW"), (0x4000000, "IN_EXCL_UNLINK"), (0x20000000, "IN_MASK_ADD"),
         (0x40000000, "IN_ISDIR"), (0x80000000, "IN_ONESHOT")]);

    public static readonly Xlat CloseRangeFlags = new("CLOSE_RANGE_???",
        [(0x2, "CLOSE_RANGE_UNSHARE"), (0x4, "CLOSE_RANGE_CLOEXEC")]);

    public static readonly Xlat PollEvents = new("POLL???",
        [(0x1, "POLLIN"), (0x2, "POLLPRI"), (0x4, "POLLOUT"), (0x40, "POLLRDNORM"), (0x100, "POLLWRNORM"), (0x80, "POLLRDBAND"),
         (0x200, "POLLWRBAND"), (0x8, "POLLERR"), (0x10, "POLLHUP"), (0x20, "POLLNVAL"), (0x400, "POLLMSG"), (0x1000, "POLLREMOVE"),
         (0x2000, "POLLRDHUP")]);

    public static readonly Xlat EpollOperations = new("EPOLL_CTL_???",
        [(0x1, "EPOLL_CTL_ADD"), (0x3, "EPOLL_CTL_MOD"), (0x2, "EPOLL_CTL_DEL")]);

    public static readonly Xlat EpollEvents = new("EPOLL???",
        [(0x1, "EPOLLIN"), (0x2, "EPOLLPRI"), (0x4, "EPOLLOUT"), (0x40, "EPOLLRDNORM"), (0x80, "EPOLLRDBAND"), (0x100, "EPOLLWRNORM"),
         (0x200, "EPOLLWRBAND"), (0x400, "EPOLLMSG"), (0x8, "EPOLLERR"), (0x10, "EPOLLHUP"), (0x2000, "EPOLLRDHUP"),
         (0x10000000, "EPOLLEXCLUSIVE"), (0x20000000, "EPOLLWAKEUP"), (0x40000000, "EPOLLONESHOT"), (0x80000000, "EPOLLET")]);

    public static readonly Xlat EpollFlags = new("EPOLL_???",
        [(0x80000, "EPOLL_CLOEXEC")]);

    public static readonly Xlat EventFlags = new("EFD_???",
        [(0x1, "EFD_SEMAPHORE"), (0x80000, "EFD_CLOEXEC"), (0x800, "EFD_NONBLOCK")]);

    public static readonly Xlat TimerFlags = new("TFD_???",
        [(0x80000, "TFD_CLOEXEC"), (0x800, "TFD_NONBLOCK")]);

    public static readonly Xlat TimerSetFlags = new("TFD_???",
        [(0x1, "TFD_TIMER_ABSTIME"), (0x2, "TFD_TIMER_CANCEL_ON_SET")]);

    public static readonly Xlat SignalFdFlags = new("SFD_???",
        [(0x80000, "SFD_CLOEXEC"), (0x800, "SFD_NONBLOCK")]);
}
