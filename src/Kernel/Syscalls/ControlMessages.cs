using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Files.Sockets;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>What comes along with messages: descriptors and credentials (man 7 unix, man 3 cmsg; Linux: net/core/scm.c).</summary>
internal static class ControlMessages
{
    private const int Level = 1, Rights = 1, Credentials = 2; // SOL_SOCKET, SCM_RIGHTS, SCM_CREDENTIALS
    private const int HeaderSize = 16, MostFiles = 253, MostBytes = 20480;

    /// <summary>Reads what a sender gives. The caller owns the files' references.</summary>
    public static Errno Read(LinuxTask current, ulong address, ulong length, out OpenFile[]? rights, out PeerCredential? credential)
    {
        (rights, credential) = (null, null);
        if (length > MostBytes) return Errno.ENOBUFS;
        if (length < HeaderSize) return Errno.None;
        var bytes = new byte[length];
        if (current.Memory?.CopyIn(address, bytes) != true) return Errno.EFAULT;
        var files = new List<OpenFile>();
        Errno e = Errno.None;
        for (int at = 0; e == Errno.None && at + HeaderSize <= bytes.Length;)
        {
            var header = MemoryMarshal.Read<ControlHeader>(bytes.AsSpan(at));
            if (header.Length < HeaderSize || header.Length > (ulong)(bytes.Length - at))
            {
                e = Errno.EINVAL;
                break;
            }
            ReadOnlySpan<byte> data = bytes.AsSpan(at + HeaderSize, (int)header.Length - HeaderSize);
            if (header.Level == Level) e = ReadOne(current, header.Type, data, files, ref credential);
            at += ((int)header.Length + 7) & ~7;
        }
        if (e == Errno.None)
        {
            if (files.Count > 0) rights = [.. files];
            return e;
        }
        foreach (OpenFile file in files) file.Release();
        return e;
    }

    private static Errno ReadOne(LinuxTask current, int type, ReadOnlySpan<byte> data, List<OpenFile> files, ref PeerCredential? credential)
    {
        switch (type)
        {
            case Rights:
                ReadOnlySpan<int> descriptors = MemoryMarshal.Cast<byte, int>(data[..(data.Length & ~3)]);
                if (files.Count + descriptors.Length > MostFiles) return Errno.EINVAL;
                foreach (int fd in descriptors)
                {
                    OpenFile? file = current.Files![new Fd(fd)];
                    if (file == null) return Errno.EBADF;
                    files.Add(file.AddReference());
                }
                return Errno.None;
            case Credentials:
                if (data.Length != Unsafe.SizeOf<PeerCredential>()) return Errno.EINVAL;
                var claimed = MemoryMarshal.Read<PeerCredential>(data);
                if (!MayClaim(current, claimed)) return Errno.EPERM;
                credential = claimed;
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    // Linux: scm_check_creds.
    private static bool MayClaim(LinuxTask current, PeerCredential claimed)
    {
        Credential c = current.Credential;
        bool pid = claimed.Pid == PeerCredential.Of(current).Pid || c.Has(Capability.SysAdmin);
        bool uid = claimed.Uid == c.Uid || claimed.Uid == c.EffectiveUid || claimed.Uid == c.SavedUid || c.Has(Capability.Setuid);
        bool gid = claimed.Gid == c.Gid || claimed.Gid == c.EffectiveGid || claimed.Gid == c.SavedGid || c.Has(Capability.Setgid);
        return pid && uid && gid;
    }

    /// <summary>
    /// Writes what came to a receiver, as much as fits, and gives the descriptors numbers. Answers the bytes written; takes over
    /// the files' references.
    /// </summary>
    public static int Write(LinuxTask current, ReceiveRequest request, bool withCredential, ulong address, ulong length)
    {
        int room = (int)Math.Min(length, int.MaxValue), at = 0;
        if (withCredential)
        {
            PeerCredential credential = request.Credential;
            at = Put(current, request, Credentials, MemoryMarshal.AsBytes(new ReadOnlySpan<PeerCredential>(in credential)), address, room, at);
        }
        if (request.Rights is not { } rights) return at;
        int fits = Math.Clamp((room - at - HeaderSize) / sizeof(int), 0, rights.Length);
        var numbers = new List<int>();
        bool closeOnExec = (request.Flags & MessageFlags.CloseOnExec) != 0;
        for (int i = 0; i < rights.Length; i++)
        {
            SyscallResult fd = i < fits ? Descriptors.Install(current, rights[i], closeOnExec) : Errno.EMFILE;
            if (i >= fits) rights[i].Release();
            if (fd.IsError) fits = Math.Min(fits, i);
            else numbers.Add((int)fd.Value);
        }
        request.Rights = null;
        if (numbers.Count < rights.Length) request.Found |= MessageFlags.ControlTruncated;
        if (numbers.Count == 0) return at;
        return Put(current, request, Rights, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(numbers)), address, room, at);
    }

    // Linux: put_cmsg.
    private static int Put(LinuxTask current, ReceiveRequest request, int type, ReadOnlySpan<byte> data, ulong address, int room, int at)
    {
        if (room - at < HeaderSize)
        {
            request.Found |= MessageFlags.ControlTruncated;
            return at;
        }
        int length = HeaderSize + data.Length;
        if (length > room - at)
        {
            request.Found |= MessageFlags.ControlTruncated;
            length = room - at;
        }
        var header = new ControlHeader { Length = (ulong)length, Level = Level, Type = type };
        var bytes = new byte[length];
        MemoryMarshal.Write(bytes, header);
        data[..(length - HeaderSize)].CopyTo(bytes.AsSpan(HeaderSize));
        if (current.Memory?.CopyOut(address + (ulong)at, bytes) != true)
        {
            request.Found |= MessageFlags.ControlTruncated;
            return at;
        }
        return Math.Min(room, at + ((length + 7) & ~7));
    }
}
