using Kennel.Probes;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>Structures of D itself, over what the kernel's records and the runtime hold: fileinfo_t, cpuinfo_t.</summary>
internal static class ExtraStructs
{
    public static IReadOnlyList<KernelStruct> All => [FileInformation, CpuInformation, BufferInformation, DeviceInformation];

    private static KernelStruct FileInformation => new("fileinfo_t", true, "solaris",
    [
        Text("fi_name", static f => f.Path.Length == 0 ? "" : DRuntime.Basename(f.Path)),
        Text("fi_dirname", static f => f.Path.StartsWith('/') ? DRuntime.Dirname(f.Path) : ""),
        Text("fi_pathname", static f => f.Path),
        new("fi_offset", "long", static o => o is TracedFile f ? f.Offset : null),
        Text("fi_fs", static f => f.FileSystem),
        Text("fi_mount", static f => f.MountPoint),
        new("fi_oflags", "int", static o => o is TracedFile f ? f.Flags : null),
    ]);

    private static KernelStruct CpuInformation => new("cpuinfo_t", true, "solaris",
    [
        new("cpu_id", "processorid_t", static o => o is CpuInfo c ? c.Id : null),
        new("cpu_pset", "psetid_t", static _ => 0),
        new("cpu_chip", "chipid_t", static _ => 0),
        new("cpu_lgrp", "lgrp_id_t", static _ => 0),
    ]);

    // What the io provider's args[0] and args[1] are: a transfer, in two views. Blocks are of 512 bytes, as they are for Linux.
    private static KernelStruct BufferInformation => new("bufinfo_t", true, "solaris",
    [
        Transfer("b_flags", "int", static t => t.IsWrite ? 256 : 64),
        Transfer("b_bcount", "size_t", static t => t.Bytes),
        Transfer("b_addr", "caddr_t", static _ => 0),
        Transfer("b_blkno", "uint64_t", static t => t.Offset / 512),
        Transfer("b_lblkno", "uint64_t", static t => t.Offset / 512),
        Transfer("b_resid", "size_t", static t => t.Bytes - t.Done),
        Transfer("b_bufsize", "size_t", static t => t.Bytes),
        Transfer("b_iodone", "caddr_t", static _ => 0),
        Transfer("b_error", "int", static t => t.Error),
        Transfer("b_edev", "dev_t", static t => (t.Device.Minor & 0xff) | ((t.Device.Major & 0xfff) << 8) | ((long)(t.Device.Minor & ~0xffu) << 12)),
    ]);

    private static KernelStruct DeviceInformation => new("devinfo_t", true, "solaris",
    [
        Transfer("dev_major", "int", static t => t.Device.Major),
        Transfer("dev_minor", "int", static t => t.Device.Minor),
        Transfer("dev_instance", "int", static t => t.Device.Minor),
        Transfer("dev_name", "string", static t => FieldValue.Of(t.FileSystem)),
        Transfer("dev_statname", "string", static t => FieldValue.Of(t.FileSystem + t.Device.Minor.ToString(System.Globalization.CultureInfo.InvariantCulture))),
        Transfer("dev_pathname", "string", static t => FieldValue.Of(t.MountPoint)),
    ]);

    private static KernelField Transfer(string name, string type, Func<FileTransfer, FieldValue> read) => new(name, type, o => o is FileTransfer t ? read(t) : null);

    private static KernelField Text(string name, Func<TracedFile, string> read) => new(name, "string", o => o is TracedFile f ? FieldValue.Of(read(f)) : null);
}
