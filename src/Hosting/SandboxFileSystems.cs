using Kennel.Files;
using Kennel.FileSystems.Dev;
using Kennel.FileSystems.Proc;
using Kennel.FileSystems.Sys;

namespace Kennel;

/// <summary>Mounts the kernel's own file systems where Linux has them.</summary>
internal static class SandboxFileSystems
{
    public static DeviceTree Attach(Kernel kernel, SandboxRoot root)
    {
        var devices = new DeviceTree(kernel);
        root.AttachOwn("/dev", devices.Devices, MountFlags.NoSuid, "udev");
        root.AttachOwn("/dev/pts", devices.Terminals, MountFlags.NoSuid | MountFlags.NoExec, "devpts");
        root.AttachOwn("/dev/shm", devices.SharedMemory, MountFlags.NoSuid | MountFlags.NoDev, "tmpfs");
        root.AttachOwn("/proc", new ProcFileSystem(kernel, kernel.Tasks.RootNamespace), MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec, "proc");
        root.AttachOwn("/sys", new SysFileSystem(kernel), MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec | MountFlags.ReadOnly, "sysfs");
        return devices;
    }
}
