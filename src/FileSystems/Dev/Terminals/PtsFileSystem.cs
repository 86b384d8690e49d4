using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>/dev/pts: the slaves of all pseudo-terminals of a machine by their numbers, and ptmx (Linux: fs/devpts/inode.c).</summary>
public sealed class PtsFileSystem : FileSystem
{
    private const int Most = 4096; // kernel.pty.max

    // guard-note: the kernel lock.
    private readonly SortedDictionary<int, (PseudoTerminal Terminal, PtsInode Inode)> _terminals = [];
    private readonly PtsInode _ptmx;

    public PtsFileSystem(Kernel kernel)
        : base("devpts", kernel.Vfs.NextDevice())
    {
        Kernel = kernel;
        Root = new PtsDirectory(this);
        _ptmx = new PtsInode(this, null, new DeviceNumber(5, 2), 2, 0x1b6, 0, 0);
    }

    /// <inheritdoc/>
    public override Inode Root { get; }

    /// <inheritdoc/>
    public override long Magic => 0x1cd1;

    internal Kernel Kernel { get; }

    internal PtsInode Ptmx => _ptmx;

    internal IEnumerable<PtsInode> Slaves => _terminals.Values.Select(t => t.Inode);

    /// <summary>
    /// A new terminal whose master its caller holds: it types, takes the screen and, last, closes. ENOSPC when there are too many.
    /// </summary>
    public Errno Create(Credential owner, out PseudoTerminal? terminal)
    {
        const uint ttyGroup = 5, ownerAndGroupWrite = 0x190; // as Debian mounts it: gid=5,mode=620
        terminal = null;
        if (_terminals.Count >= Most) return Errno.ENOSPC;
        int number = 0;
        while (_terminals.ContainsKey(number)) number++;
        terminal = new PseudoTerminal(this, number);
        var inode = new PtsInode(this, terminal, terminal.Device, (ulong)number + 3, ownerAndGroupWrite, owner.FsUid, ttyGroup);
        _terminals[number] = (terminal, inode);
        return Errno.None;
    }

    /// <summary>Opens the slave, as open of /dev/pts/N does; <paramref name="path"/> is its place.</summary>
    public Errno OpenSlave(PseudoTerminal terminal, LinuxTask? current, VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (terminal.IsLocked || !terminal.IsMasterOpen) return Errno.EIO;
        if (terminal.IsExclusive && current?.Credential.Has(Capability.SysAdmin) != true) return Errno.EBUSY;
        file = new TerminalFile(terminal, flags) { Path = path }.HoldingInode<TerminalFile>();
        if (current != null && (flags & OpenFlags.NoControllingTerminal) == 0 && file.IsReadable) terminal.OfferTo(current);
        return Errno.None;
    }

    internal bool TryFind(string name, out PtsInode? inode)
    {
        inode = name == "ptmx" ? _ptmx : null;
        if (inode != null) return true;
        if (!int.TryParse(name, System.Globalization.NumberStyles.None, null, out int number) || number.ToString() != name) return false;
        bool found = _terminals.TryGetValue(number, out var entry);
        inode = entry.Inode;
        return found;
    }

    internal void Remove(PseudoTerminal terminal) => _terminals.Remove(terminal.Number);

    /// <summary>open of /dev/ptmx: a new terminal, its master. Linux: ptmx_open.</summary>
    internal ValueTask<(Errno Error, OpenFile? File)> OpenMaster(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        Errno error = Create(current.Credential, out PseudoTerminal? terminal);
        if (error != Errno.None) return new((error, null));
        return new((Errno.None, new PtyMasterFile(terminal!, this, flags) { Path = path }.HoldingInode<PtyMasterFile>()));
    }

    /// <summary>open of /dev/tty: the caller's controlling terminal; ENXIO without one.</summary>
    internal ValueTask<(Errno Error, OpenFile? File)> OpenControlling(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        if (current.Group.Session.Terminal is not PseudoTerminal terminal) return new((Errno.ENXIO, null));
        Errno error = OpenSlave(terminal, current, path, flags | OpenFlags.NoControllingTerminal, out OpenFile? file);
        return new((error, file));
    }

    /// <summary>TIOCGPTPEER: the slave's descriptor from the master's.</summary>
    internal SyscallResult OpenPeer(PseudoTerminal terminal, LinuxTask current, OpenFlags flags)
    {
        if (!TryFind(terminal.Number.ToString(), out PtsInode? inode)) return Errno.EIO;
        Mount? mount = current.Namespaces.Mounts.All.FirstOrDefault(m => m.FileSystem == this);
        if (mount == null) return Errno.ENODEV;
        var path = new VfsPath(mount, mount.Root.AddChild(terminal.Number.ToString(), inode!));
        bool wasLocked = terminal.IsLocked;
        terminal.IsLocked = false;
        Errno error = OpenSlave(terminal, current, path, flags, out OpenFile? file);
        terminal.IsLocked = wasLocked;
        if (error != Errno.None) return error;
        int limit = (int)Math.Min(current.Group.Limits.Soft(Resource.OpenFiles), int.MaxValue);
        error = current.Files!.Install(file!, (flags & OpenFlags.CloseOnExec) != 0, limit, out Fd fd);
        if (error == Errno.None) return fd.Value;
        file!.Release();
        return error;
    }
}
