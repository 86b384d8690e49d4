using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;

namespace Kennel.Views;

/// <summary>
/// Solaris' view of files and memory (sys/file.h, sys/vnode.h, vm/as.h, vm/seg.h, vm/seg_vn.h). A vnode is an open file or a place in the tree; each
/// area is a segment of the segvn driver.
/// </summary>
internal sealed class SolarisFileViews(LinuxMemoryViews memory, Parts parts, object segvnOps)
{
    public IEnumerable<IView> All() => [Slot(), File(), Vnode(), Vfs(), Space(), Segment(), SegmentData(), AnonymousMap(), Operations()];

    private static View<SlotPart> Slot() => new("uf_entry_t")
    {
        { "uf_file", "file_t *", s => s.Table[new Fd(s.Descriptor)] },
        { "uf_flag", "short", s => s.Table.IsCloseOnExec(new Fd(s.Descriptor)) ? 1 : 0 },
        { "uf_refcnt", "int", s => s.Table[new Fd(s.Descriptor)] == null ? 0 : 1 },
    };

    private static View<OpenFile> File() => new("file_t")
    {
        { "f_flag", "ushort_t", f => (long)f.Flags },
        { "f_count", "int", f => f.References },
        { "f_vnode", "vnode_t *", f => f },
        { "f_offset", "offset_t", f => f.IsSeekable ? f.Position : 0 },
    };

    private View<object> Vnode() => new("vnode_t", static o => o is OpenFile or PathPart or Dentry ? o : null)
    {
        { "v_flag", "uint_t", _ => 0 },
        { "v_count", "uint_t", _ => 1 },
        { "v_data", "void *", v => v },
        { "v_vfsp", "struct vfs *", v => MountOf(v) },
        { "v_type", "int", v => TypeOf(v) },
        { "v_path", "char *", v => PathOf(v) },
    };

    private static View<Mount> Vfs() => new("vfs")
    {
        { "vfs_flag", "uint_t", m => (long)m.Flags },
        { "vfs_resource", "char *", m => m.Source },
        { "vfs_name", "char *", m => m.FileSystem.TypeName },
    };

    private View<AddressSpace> Space() => new("as")
    {
        { "a_flags", "uchar_t", _ => 0 },
        { "a_hat", "struct hat *", m => m.Pages },
        { "a_userlimit", "caddr_t", _ => AddressSpace.Top },
        { "a_size", "size_t", m => m.TotalPages << 12 },
        { "a_resvsize", "size_t", m => m.DataPages << 12 },
        { "a_segtree", "void *", m => parts.Of(m, "a_segtree", static m => new NamedPart("segtree", m)) },
        { "a_lastgap", "struct seg *", _ => null },
        { "a_seglast", "struct seg *", m => m.Areas.LastOrDefault() },
    };

    private View<Vma> Segment() => new("seg")
    {
        { "s_base", "caddr_t", a => a.Start },
        { "s_size", "size_t", a => a.Length },
        { "s_szc", "uint_t", _ => 0 },
        { "s_flags", "uint_t", _ => 0 },
        { "s_as", "struct as *", a => memory.SpaceOf(a) },
        { "s_ops", "struct seg_ops *", _ => segvnOps },
        { "s_data", "void *", a => a },
    };

    private View<Vma> SegmentData() => new("segvn_data_t")
    {
        { "pageprot", "uchar_t", _ => 0 },
        { "prot", "uchar_t", a => (long)a.Access & 7 },
        { "maxprot", "uchar_t", a => (long)a.MaxAccess & 7 },
        { "type", "uchar_t", a => a.IsShared ? 1 : 2 },
        { "offset", "u_offset_t", a => a.PageOffset << 12 },
        { "vp", "vnode_t *", a => a.File },
        { "anon_index", "ulong_t", a => a.IsAnonymous ? 0 : a.PageOffset },
        { "amp", "struct anon_map *", a => LinuxMemoryViews.HasOwnPages(a) ? parts.Of(a, "amp", static a => new NamedPart("amp", a)) : null },
        { "flags", "ulong_t", _ => 0 },
    };

    private static View<NamedPart> AnonymousMap() => new("anon_map")
    {
        { "size", "size_t", p => (p.Owner as Vma)?.Length ?? 0 },
        { "refcnt", "ulong_t", _ => 1 },
    };

    private static View<NamedPart> Operations() => new("seg_ops") { { "name", "char *", o => o.Name } };

    private static VfsPath? PlaceOf(object vnode) => vnode switch
    {
        OpenFile file => file.Path,
        PathPart part => part.Find(),
        _ => null,
    };

    private static Mount? MountOf(object vnode) => PlaceOf(vnode)?.Mount;

    private static string PathOf(object vnode) => vnode switch
    {
        OpenFile file => FileNames.Of(file, null),
        Dentry dentry => dentry.Name,
        _ => PlaceOf(vnode) is { } place ? FileNames.Of(place, null) : "",
    };

    // VNON 0, VREG 1, VDIR 2, VBLK 3, VCHR 4, VLNK 5, VFIFO 6, VSOCK 9.
    private static int TypeOf(object vnode)
    {
        Inode? inode = vnode is Dentry dentry ? dentry.Inode : vnode is OpenFile file ? file.Inode : PlaceOf(vnode)?.Inode;
        return inode?.Type switch
        {
            FileType.Regular => 1,
            FileType.Directory => 2,
            FileType.BlockDevice => 3,
            FileType.CharacterDevice => 4,
            FileType.SymbolicLink => 5,
            FileType.Fifo => 6,
            FileType.Socket => 9,
            _ => 0,
        };
    }
}
