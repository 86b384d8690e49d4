using Kennel.Abi;
using Kennel.Files;
using Kennel.Probes;

namespace Kennel.FileSystems.Host;

/// <summary>Reads and writes of the host are to a guest what those of a disk are to others: tracers are told of them.</summary>
public sealed partial class HostInode
{
    private bool IsTransferWatched => ProbeSet.AreBuilt && (_host.Pages.Kernel.Probes.TransferStarted.IsEnabled || _host.Pages.Kernel.Probes.TransferDone.IsEnabled);

    private FileTransfer? BeginTransfer(long offset, long bytes, bool isWrite)
    {
        if (!IsTransferWatched) return null;
        (DeviceNumber device, _) = Key;
        var transfer = new FileTransfer(HostPath(), _host.TypeName, _host.HostPath, (device.Major, device.Minor), offset, bytes, isWrite);
        Probe started = _host.Pages.Kernel.Probes.TransferStarted;
        if (started.IsEnabled) _host.Pages.Kernel.FireTransfer(started, transfer);
        return transfer;
    }

    private void EndTransfer(FileTransfer? transfer, Errno error, long done)
    {
        Probe ended = _host.Pages.Kernel.Probes.TransferDone;
        if (transfer == null || !ended.IsEnabled) return;
        (transfer.Error, transfer.Done) = (Math.Abs((int)error), done);
        _host.Pages.Kernel.FireTransfer(ended, transfer);
    }

    // Where it was last found; a file whose name is gone has none.
    private string HostPath()
    {
        string path = "";
        HostInode inode = this;
        for (; inode._parent is { } parent; inode = parent) path = "/" + inode._name + path;
        string root = _host.HostPath.TrimEnd('/');
        return inode == _host.RootInode ? root + (path.Length == 0 && root.Length == 0 ? "/" : path) : "<unknown>";
    }
}
