using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files.Sockets;

/// <summary>Names: binding to a path or an abstract name, and finding who is bound.</summary>
public sealed partial class UnixSocket
{
    private Inode? _boundInode;

    /// <summary>Its own name; null as long as it has none.</summary>
    public UnixAddress? Address { get; private set; }

    /// <summary>The other end's name: ENOTCONN without one.</summary>
    public Errno GetPeerAddress(out UnixAddress address)
    {
        address = _peer?.Address ?? UnixAddress.Unnamed;
        return _peer == null ? Errno.ENOTCONN : Errno.None;
    }

    /// <summary>Gives it a name (man 2 bind). Linux: unix_bind_bsd, unix_bind_abstract, unix_autobind.</summary>
    [KernelFunction("net/unix/af_unix.c", "int unix_bind(struct file *sock = this)")]
    public Errno Bind(LinuxTask current, UnixAddress address)
    {
        if (address.IsUnnamed) return Address != null ? Errno.None : AutoBind();
        if (Address != null) return Errno.EINVAL;
        if (address.IsAbstract) return BindAbstract(address);
        Errno e = Creation.FindFree(current, Fd.WorkingDirectory, address.Name, isDirectory: false, out LastName last);
        if (e != Errno.None) return e == Errno.EEXIST ? Errno.EADDRINUSE : e;
        e = Creation.Create(current, last.Directory, last.Name, FileType.Socket, 0x1ff, default, out Dentry? made);
        if (e != Errno.None) return e == Errno.EEXIST ? Errno.EADDRINUSE : e;
        Address = address;
        _boundInode = made!.Inode;
        _boundInode.BoundSocket = this;
        return Errno.None;
    }

    /// <summary>Finds the socket that an address leads to. Linux: unix_find_other.</summary>
    private Errno Find(LinuxTask current, UnixAddress address, out UnixSocket? found)
    {
        found = null;
        if (address.IsUnnamed) return Errno.EINVAL;
        if (address.IsAbstract)
        {
            return _kernel.Vfs.AbstractSockets.TryGetValue((Type, address.Name), out found) ? Errno.None : Errno.ECONNREFUSED;
        }
        Errno e = PathWalk.Resolve(current, Fd.WorkingDirectory, address.Name, WalkFlags.Follow, out VfsPath place);
        if (e == Errno.None) e = Permissions.Check(place.Inode, current.Credential, AccessMode.Write);
        if (e == Errno.None && place.Mount.IsReadOnly) e = Errno.EROFS;
        if (e != Errno.None) return e;
        found = place.Inode.BoundSocket as UnixSocket;
        if (found == null) return Errno.ECONNREFUSED;
        return found.Type == Type ? Errno.None : Errno.EPROTOTYPE;
    }

    // An abstract name of five hexadecimal digits that is free.
    private Errno AutoBind()
    {
        const int most = 1 << 20;
        for (int i = 0; i < most; i++)
        {
            var address = new UnixAddress($"\0{_kernel.Vfs.NextAutoName() & (most - 1):x5}");
            if (BindAbstract(address) == Errno.None) return Errno.None;
        }
        return Errno.ENOSPC;
    }

    private Errno BindAbstract(UnixAddress address)
    {
        if (!_kernel.Vfs.AbstractSockets.TryAdd((Type, address.Name), this)) return Errno.EADDRINUSE;
        Address = address;
        return Errno.None;
    }

    private void Unname()
    {
        if (_boundInode != null && _boundInode.BoundSocket == this) _boundInode.BoundSocket = null;
        if (Address is { IsAbstract: true } && _kernel.Vfs.AbstractSockets.TryGetValue((Type, Address.Name), out UnixSocket? owner) && owner == this)
        {
            _kernel.Vfs.AbstractSockets.Remove((Type, Address.Name));
        }
    }
}
