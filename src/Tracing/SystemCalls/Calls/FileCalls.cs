using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Calls on descriptors.</summary>
internal static class FileCalls
{
    private static readonly Arg[] ReadVector = [Fd, FileStructs.OutVector, Size];

    private static readonly Arg[] WriteVector = [Fd, FileStructs.InVector, Size];

    private static readonly Arg SpliceOffset = new(static (p, v) => p.Boxed(v, 8, static (p, r) => p.Int(r.S64(0))));

    public static readonly CallShape[] All =
    [
        new(0, "read", Desc, Fd, ReadData, Size),
        new(1, "write", Desc, Fd, Data(2), Size),
        new(3, "close", Desc, Fd),
        new(5, "fstat", Desc | FStat, Fd, FileStructs.OutStat),
        new(8, "lseek", Desc, Fd, Long, Value(FileNames.Whence)),
        new(16, "ioctl", Desc, Fd, IoctlArgs.Request, IoctlArgs.Rest),
        new(17, "pread64", Desc, Fd, ReadData, Size, Long),
        new(18, "pwrite64", Desc, Fd, Data(2), Size, Long),
        new(19, "readv", Desc, ReadVector),
        new(20, "writev", Desc, WriteVector),
        new(22, "pipe", Desc, FileStructs.OutPair),
        new(32, "dup", Desc, Fd) { Result = ResultKind.Descriptor },
        new(33, "dup2", Desc, Fd, Fd) { Result = ResultKind.Descriptor },
        new(40, "sendfile", Desc | Network, Fd, Fd, SpliceOffset, SentTo),
        new(72, "fcntl", Desc, Fd, Value(FileNames.FcntlCommands), FcntlArgs.Rest) { Note = FcntlArgs.Note },
        new(73, "flock", Desc, Fd, Flags(FileNames.FlockOperations)),
        new(74, "fsync", Desc, Fd),
        new(75, "fdatasync", Desc, Fd),
        new(77, "ftruncate", Desc, Fd, Size),
        new(78, "getdents", Desc, Fd, FileStructs.Directory, UInt),
        new(81, "fchdir", Desc, Fd),
        new(91, "fchmod", Desc, Fd, Mode),
        new(93, "fchown", Desc, Fd, Id, Id),
        new(138, "fstatfs", Desc | FStatFs, Fd, FileStructs.OutStatFs),
        new(162, "sync", None),
        new(187, "readahead", Desc, Fd, Long, Size),
        new(190, "fsetxattr", Desc, Fd, Plain.String, Data(3), Size, Flags(FileNames.XattrFlags)),
        new(193, "fgetxattr", Desc, Fd, Plain.String, XattrValue, Size),
        new(196, "flistxattr", Desc, Fd, XattrList, Size),
        new(199, "fremovexattr", Desc, Fd, Plain.String),
        new(217, "getdents64", Desc, Fd, FileStructs.Directory64, Size),
        new(221, "fadvise64", Desc, Fd, Long, Size, Value(FileNames.FileAdvice)),
        new(275, "splice", Desc, Fd, SpliceOffset, Fd, SpliceOffset, Size, Flags(FileNames.SpliceFlags)),
        new(276, "tee", Desc, Fd, Fd, Size, Flags(FileNames.SpliceFlags)),
        new(277, "sync_file_range", Desc, Fd, Long, Long, Flags(FileNames.SyncRangeFlags)),
        new(278, "vmsplice", Desc, Fd, FileStructs.InVector, Size, Flags(FileNames.SpliceFlags)),
        new(285, "fallocate", Desc, Fd, Flags(FileNames.FallocateModes), Long, Long),
        new(292, "dup3", Desc, Fd, Fd, Flags(FileNames.OpenFlags)) { Result = ResultKind.Descriptor },
        new(293, "pipe2", Desc, FileStructs.OutPair, Flags(FileNames.OpenFlags)),
        new(295, "preadv", Desc, Fd, FileStructs.OutVector, Size, Long),
        new(296, "pwritev", Desc, Fd, FileStructs.InVector, Size, Long),
        new(306, "syncfs", Desc, Fd),
        new(326, "copy_file_range", Desc, Fd, SpliceOffset, Fd, SpliceOffset, Size, UInt),
        new(327, "preadv2", Desc, Fd, FileStructs.OutVector, Size, Long, Unused, Flags(FileNames.ReadWriteFlags)),
        new(328, "pwritev2", Desc, Fd, FileStructs.InVector, Size, Long, Unused, Flags(FileNames.ReadWriteFlags)),
        new(436, "close_range", None, UInt, UInt, Flags(FileNames.CloseRangeFlags)),
    ];

    /// <summary>An attribute's value: its bytes when the call has said how many.</summary>
    public static Arg XattrValue => Exit(static (p, v) =>
    {
        if (p.Failed || p.A[3] == 0) p.Address(v);
        else p.Data(v, (ulong)p.Result);
    });

    /// <summary>The names of attributes.</summary>
    public static Arg XattrList => Exit(static (p, v) =>
    {
        if (p.Failed || p.A[2] == 0) p.Address(v);
        else p.Data(v, (ulong)p.Result);
    });

    // Where sendfile has got to: " => [100]", at exit.
    private static Arg SentTo => Tail(static (p, _) =>
    {
        if (p.Succeeded && p.A[2] != 0 && p.Result > 0 && p.ReadU64(p.A[2]) is { } now) p.Text($" => [{(long)now}]");
        p.Text($", {p.A[3]}");
    }, atExit: true);

    // The half of an offset that 64 bits do not need.
    private static Arg Unused => Tail(static (_, _) => { });
}
