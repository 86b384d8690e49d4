using Kennel.Abi;
using Kennel.Files;
using Kennel.Probes;

namespace Kennel.Views;

/// <summary>Linux' view of files (include/linux/fs.h, fs_struct.h, fdtable.h, dcache.h, mount.h).</summary>
internal sealed class LinuxFileViews(Parts parts)
{
    // What the fd table of a process has at least (Linux: NR_OPEN_DEFAULT).
    private const int SmallestTable = 64;

    public IEnumerable<IView> All() => [Fs(), Path(), Files(), Table(), File(), DentryView(), Name(), Inode(), Super(), Type(), VfsMount(), Mount(), Operations("file_operations"), Operations("inode_operations")];

    /// <summary>The size of a process' descriptor table, as Linux would have it.</summary>
    public static int SizeOf(FileTable files) => Math.Max(SmallestTable, files.Capacity);

    private View<FsContext> Fs() => new("fs_struct")
    {
        { "users", "int", _ => 1 },
        { "umask", "int", f => f.Umask },
        { "root", "struct path", f => parts.Of(f, "root", static f => new PathPart(() => f.Root)) },
        { "pwd", "struct path", f => parts.Of(f, "pwd", static f => new PathPart(() => f.WorkingDirectory)) },
    };

    private static View<PathPart> Path() => new("path")
    {
        { "mnt", "struct vfsmount *", p => p.Find()?.Mount },
        { "dentry", "struct dentry *", p => (object?)p.Nameless ?? p.Find()?.Dentry },
    };

    private static View<FileTable> Files() => new("files_struct")
    {
        { "count", "int", f => f.IsShared ? 2 : 1 },
        { "fdt", "struct fdtable *", f => f },
        { "next_fd", "unsigned int", f => f.NextFree },
    };

    private View<FileTable> Table() => new("fdtable")
    {
        { "max_fds", "unsigned int", f => SizeOf(f) },
        { "fd", "struct file **", f => FilesOf(f) },
    };

    // The array moves when it grows.
    private KernelArray FilesOf(FileTable files) => parts.Of(
        files, $"fd{SizeOf(files)}", static f => new KernelArray("struct file *", SizeOf(f), i => FieldValue.Of(f[new Fd(i)])));

    private View<OpenFile> File() => new("file")
    {
        { "f_path", "struct path", f => PathOf(f) },
        { "f_inode", "struct inode *", f => f.Inode },
        { "f_op", "struct file_operations *", f => parts.Of(f, "f_op", static f => new NamedPart(f.GetType().Name, null)) },
        { "f_count", "long", f => f.References },
        { "f_flags", "unsigned int", f => (long)f.Flags },
        { "f_mode", "unsigned int", f => (f.IsReadable ? 1 : 0) | (f.IsWritable ? 2 : 0) | (f.IsSeekable ? 4 : 0) },
        { "f_pos", "loff_t", f => f.IsSeekable ? f.Position : 0 },
        { "private_data", "void *", f => f },
    };

    // A nameless file has a dentry all the same.
    private PathPart PathOf(OpenFile file) =>
        parts.Of(file, "f_path", static f => new PathPart(() => f.Path, f.Path == null ? new NamelessPart(f) : null));

    private static View<object> DentryView() => new("dentry", AsDentry)
    {
        { "d_flags", "unsigned int", d => d is Dentry { MountCount: > 0 } ? 0x10000 : 0 },
        { "d_parent", "struct dentry *", d => d is Dentry dentry ? dentry.Parent : d },
        { "d_name", "struct qstr", d => d },
        { "d_inode", "struct inode *", d => InodeOf(d) },
        { "d_iname", "char[40]", d => NameOf(d) },
        { "d_sb", "struct super_block *", d => InodeOf(d)?.FileSystem },
    };

    private static object? AsDentry(object item) => item is Dentry or NamelessPart ? item : null;

    private static Inode? InodeOf(object dentry) => dentry is Dentry d ? d.Inode : ((NamelessPart)dentry).File.Inode;

    private static View<object> Name() => new("qstr", AsDentry)
    {
        { "hash", "u32", d => Hash(NameOf(d)) },
        { "len", "u32", d => NameOf(d).Length },
        { "name", "const unsigned char *", d => NameOf(d) },
    };

    // The root of a file system is called "/".
    private static string NameOf(object dentry) => dentry is NamelessPart nameless ? nameless.File.Description : ((Dentry)dentry).Name is { Length: > 0 } name ? name : "/";

    private static uint Hash(string name) => name.Aggregate(0x811c9dc5u, static (hash, c) => (hash ^ c) * 0x01000193u);

    private View<Inode> Inode() => new("inode")
    {
        { "i_mode", "umode_t", i => Attributes(i).Mode },
        { "i_uid", "kuid_t", i => new IdPart(Attributes(i).Uid) },
        { "i_gid", "kgid_t", i => new IdPart(Attributes(i).Gid) },
        { "i_sb", "struct super_block *", i => i.FileSystem },
        { "i_op", "struct inode_operations *", i => parts.Of(i, "i_op", static i => new NamedPart(i.GetType().Name, null)) },
        { "i_ino", "unsigned long", i => Attributes(i).Number },
        { "i_nlink", "unsigned int", i => Attributes(i).Links },
        { "i_rdev", "dev_t", i => KernelDevice(Attributes(i).RawDevice) },
        { "i_size", "loff_t", i => Attributes(i).Size },
        { "i_blocks", "blkcnt_t", i => Attributes(i).Blocks },
        { "i_atime", "struct timespec", i => new TimePart(() => Attributes(i).AccessTime) },
        { "i_mtime", "struct timespec", i => new TimePart(() => Attributes(i).ModifyTime) },
        { "i_ctime", "struct timespec", i => new TimePart(() => Attributes(i).ChangeTime) },
    };

    private View<FileSystem> Super() => new("super_block")
    {
        { "s_dev", "dev_t", s => KernelDevice(s.Device) },
        { "s_magic", "unsigned long", s => s.Magic },
        { "s_id", "char[32]", s => s.TypeName },
        { "s_blocksize", "unsigned long", _ => 4096 },
        { "s_type", "struct file_system_type *", s => parts.Of(s, "s_type", static s => new NamedPart(s.TypeName, null)) },
    };

    private static View<NamedPart> Type() => new("file_system_type") { { "name", "const char *", t => t.Name } };

    private static View<Mount> VfsMount() => new("vfsmount")
    {
        { "mnt_root", "struct dentry *", m => m.Root },
        { "mnt_sb", "struct super_block *", m => m.FileSystem },
        { "mnt_flags", "int", m => (long)m.Flags },
    };

    // Differs from Linux: a pointer to the vfsmount inside is one to the mount itself.
    private static View<Mount> Mount() => new("mount")
    {
        { "mnt_parent", "struct mount *", m => m.Parent ?? m },
        { "mnt_mountpoint", "struct dentry *", m => m.MountPoint ?? m.Root },
        { "mnt", "struct vfsmount", m => m },
        { "mnt_devname", "const char *", m => m.Source },
        { "mnt_id", "int", m => m.Id },
    };

    private static View<NamedPart> Operations(string name) => new(name) { { "name", "const char *", o => o.Name } };

    private static InodeAttributes Attributes(Inode inode) => inode.GetAttributes(out InodeAttributes a) == Errno.None ? a : default;

    // Inside the kernel a device number has 20 bits of minor (MKDEV).
    private static long KernelDevice(DeviceNumber device) => ((long)device.Major << 20) | device.Minor;
}
