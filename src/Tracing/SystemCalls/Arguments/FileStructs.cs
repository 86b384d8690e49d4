using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>stat and its kin, vectors, directories, locks, polling.</summary>
internal static class FileStructs
{
    public static readonly Arg OutStat = Plain.Out(144, static (p, r) =>
    {
        uint mode = r.U32(24);
        bool device = (mode & 0xf000) is 0x2000 or 0x6000;
        if (!p.Settings.Verbose)
        {
            p.Text($"st_mode={Mode(mode)}, {(device ? $"st_rdev={Device(r.U64(40))}" : $"st_size={r.S64(48)}")}, ...");
            return;
        }
        p.Text($"st_dev={Device(r.U64(0))}, st_ino={r.U64(8)}, st_mode={Mode(mode)}, st_nlink={r.U64(16)}, st_uid={r.U32(28)}, st_gid={r.U32(32)}, ");
        p.Text($"st_blksize={r.S64(56)}, st_blocks={r.S64(64)}, {(device ? $"st_rdev={Device(r.U64(40))}" : $"st_size={r.S64(48)}")}");
        string[] names = ["atime", "mtime", "ctime"];
        for (int i = 0; i < names.Length; i++)
        {
            long seconds = r.S64(72 + (i * 16)), nanoseconds = r.S64(80 + (i * 16));
            p.Text($", st_{names[i]}={seconds}{TimeStructs.Moment(seconds, nanoseconds, 9)}, st_{names[i]}_nsec={nanoseconds}");
        }
    });

    public static readonly Arg OutStatx = Plain.Out(256, static (p, r) =>
    {
        uint mode = r.U16(28);
        p.Text($"stx_mask={FileNames.StatxMask.Flags(r.U32(0))}");
        if (p.Settings.Verbose) p.Text($", stx_blksize={r.U32(4)}");
        p.Text($", stx_attributes={FileNames.StatxAttributes.Flags(r.U64(8))}");
        if (p.Settings.Verbose) p.Text($", stx_nlink={r.U32(16)}, stx_uid={r.U32(20)}, stx_gid={r.U32(24)}");
        p.Text($", stx_mode={Mode(mode)}");
        if (p.Settings.Verbose) p.Text($", stx_ino={r.U64(32)}");
        p.Text($", stx_size={r.U64(40)}");
        if (!p.Settings.Verbose)
        {
            p.Text(", ...");
            return;
        }
        p.Text($", stx_blocks={r.U64(48)}, stx_attributes_mask={FileNames.StatxAttributes.Flags(r.U64(56))}");
        string[] names = ["atime", "btime", "ctime", "mtime"];
        for (int i = 0; i < names.Length; i++)
        {
            long seconds = r.S64(64 + (i * 16)), nanoseconds = r.U32(72 + (i * 16));
            p.Text($", stx_{names[i]}={{tv_sec={seconds}, tv_nsec={nanoseconds}}}{TimeStructs.Moment(seconds, nanoseconds, 9)}");
        }
        p.Text($", stx_rdev_major={r.U32(128)}, stx_rdev_minor={r.U32(132)}, stx_dev_major={r.U32(136)}, stx_dev_minor={r.U32(140)}, stx_mnt_id={Xlat.Hex(r.U64(144))}");
    });

    public static readonly Arg OutStatFs = Plain.Out(120, static (p, r) =>
    {
        p.Text($"f_type={FileSystemType(r.U64(0))}, f_bsize={r.U64(8)}, f_blocks={r.U64(16)}, f_bfree={r.U64(24)}, f_bavail={r.U64(32)}, f_files={r.U64(40)}, ");
        p.Text($"f_ffree={r.U64(48)}, f_fsid={{val=[{Xlat.Hex(r.U32(56))}, {Xlat.Hex(r.U32(60))}]}}, f_namelen={r.U64(64)}, f_frsize={r.U64(72)}, f_flags={FileNames.StatfsFlags.Flags(r.U64(80))}");
    });

    /// <summary>A vector whose bytes the caller gives.</summary>
    public static readonly Arg InVector = new(static (p, v) => WriteVector(p, v, p.A[2], ulong.MaxValue));

    /// <summary>A vector that the call fills.</summary>
    public static readonly Arg OutVector = Plain.Exit(static (p, v) => WriteVector(p, v, p.A[2], p.Failed ? 0 : (ulong)p.Result));

    /// <summary>A vector of areas elsewhere: no bytes to show.</summary>
    public static Arg Areas(int countAt) => new((p, v) => WriteAreas(p, v, p.A[countAt]));

    /// <summary>Two descriptors that the call gives.</summary>
    public static readonly Arg OutPair = Plain.Exit(static (p, v) =>
    {
        if (p.Failed || p.Read(v, 8) is not { } bytes)
        {
            p.Address(v);
            return;
        }
        var r = new Record(bytes);
        p.Text("[");
        p.Fd(r.S32(0));
        p.Text(", ");
        p.Fd(r.S32(4));
        p.Text("]");
    });

    public static readonly Arg Directory64 = Plain.Exit(static (p, v) => WriteDirectory(p, v, 19, 18));

    public static readonly Arg Directory = Plain.Exit(static (p, v) => WriteDirectory(p, v, 18, -1));

    /// <summary>poll's descriptors, as asked for.</summary>
    public static readonly Arg Polled = new(static (p, v) => p.Array(v, (uint)p.A[1], 8, static (p, r) =>
    {
        p.Text("{fd=");
        p.Fd(r.S32(0));
        if (r.S32(0) >= 0) p.Text($", events={FileNames.PollEvents.Flags(r.U16(4))}");
        p.Text("}");
    }));

    public static string Mode(uint mode)
    {
        string type = FileNames.FileTypes.Find(mode & 0xf000) ?? CallPrinter.Octal(mode & 0xf000);
        string bits = ((mode & 0x800) != 0 ? "|S_ISUID" : "") + ((mode & 0x400) != 0 ? "|S_ISGID" : "") + ((mode & 0x200) != 0 ? "|S_ISVTX" : "");
        return $"{type}{bits}|{CallPrinter.Octal(mode & 0x1ff)}";
    }

    public static string Device(ulong device)
    {
        ulong major = ((device >> 8) & 0xfff) | ((device >> 32) & ~0xffful), minor = (device & 0xff) | ((device >> 12) & 0xffffff00);
        return $"makedev({Xlat.Hex(major)}, {Xlat.Hex(minor)})";
    }

    /// <summary>Writes a vector; <paramref name="limit"/> is the number of bytes that are there, 0 for addresses only.</summary>
    public static void WriteVector(CallPrinter p, ulong address, ulong count, ulong limit)
    {
        ulong left = limit;
        bool data = limit != 0 || p.Succeeded;
        p.Array(address, count, 16, (p, r) =>
        {
            p.Text("{iov_base=");
            ulong length = r.U64(8), shown = Math.Min(length, left);
            if (data) p.Data(r.U64(0), shown);
            else p.Address(r.U64(0));
            if (left != ulong.MaxValue) left -= shown;
            p.Text($", iov_len={length}}}");
        }, evenIfFailed: true);
    }

    private static void WriteAreas(CallPrinter p, ulong address, ulong count) =>
        p.Array(address, count, 16, static (p, r) => p.Text($"{{iov_base={(r.U64(0) == 0 ? "NULL" : Xlat.Hex(r.U64(0)))}, iov_len={r.U64(8)}}}"), evenIfFailed: true);

    private static void WriteDirectory(CallPrinter p, ulong address, int nameAt, int typeAt)
    {
        if (p.Failed || p.Read(address, (int)p.Result) is not { } bytes)
        {
            p.Address(address);
            return;
        }
        var r = new Record(bytes);
        int count = 0;
        var text = new System.Text.StringBuilder("[");
        for (int at = 0; at + nameAt < bytes.Length && r.U16(at + 16) > nameAt && at + r.U16(at + 16) <= bytes.Length; at += r.U16(at + 16))
        {
            int length = r.U16(at + 16);
            ReadOnlySpan<byte> name = r.Part(at + nameAt, length - nameAt);
            int end = name.IndexOf((byte)0);
            string type = DirectoryType(typeAt < 0 ? bytes[at + length - 1] : bytes[at + typeAt]);
            string quoted = Quoting.Quote(end < 0 ? name : name[..end]);
            text.Append(count == 0 ? "" : ", ").Append($"{{d_ino={r.U64(at)}, d_off={r.S64(at + 8)}, d_reclen={length}, ");
            text.Append(typeAt < 0 ? $"d_name={quoted}, d_type={type}}}" : $"d_type={type}, d_name={quoted}}}");
            count++;
        }
        if (p.Settings.Verbose) p.Text(text.Append(']').ToString());
        else p.Text($"{Xlat.Hex(address)} /* {count} entries */");
    }

    private static string DirectoryType(byte type) => type switch
    {
        0 => "DT_UNKNOWN",
        1 => "DT_FIFO",
        2 => "DT_CHR",
        4 => "DT_DIR",
        6 => "DT_BLK",
        8 => "DT_REG",
        10 => "DT_LNK",
        12 => "DT_SOCK",
        14 => "DT_WHT",
        _ => $"{Xlat.Hex(type)} /* DT_??? */",
    };

    private static string FileSystemType(ulong magic) => magic switch
    {
        0xef53 => "EXT2_SUPER_MAGIC",
        0x1021994 => "TMPFS_MAGIC",
        0x9fa0 => "PROC_SUPER_MAGIC",
        0x62656572 => "SYSFS_MAGIC",
        0x794c7630 => "OVERLAYFS_SUPER_MAGIC",
        0x1cd1 => "DEVPTS_SUPER_MAGIC",
        0x50495045 => "PIPEFS_MAGIC",
        0x534f434b => "SOCKFS_MAGIC",
        0x09041934 => "ANON_INODE_FS_MAGIC",
        0x19800202 => "MQUEUE_MAGIC",
        0x58465342 => "XFS_SUPER_MAGIC",
        0x9123683e => "BTRFS_SUPER_MAGIC",
        0x6e736673 => "NSFS_MAGIC",
        0x27e0eb => "CGROUP_SUPER_MAGIC",
        0x63677270 => "CGROUP2_SUPER_MAGIC",
        0x6969 => "NFS_SUPER_MAGIC",
        0x01021997 => "V9FS_MAGIC",
        0x958458f6 => "HUGETLBFS_MAGIC",
        _ => Xlat.Hex(magic),
    };
}
