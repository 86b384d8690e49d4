using Kennel.Probes;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>Structures of D itself, over what the kernel's records and the runtime hold: fileinfo_t, cpuinfo_t.</summary>
internal static class ExtraStructs
{
    public static IReadOnlyList<KernelStruct> All => [FileInformation, CpuInformation];

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

    private static KernelField Text(string name, Func<TracedFile, string> read) => new(name, "string", o => o is TracedFile f ? FieldValue.Of(read(f)) : null);
}
