using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Loading;

/// <summary>A file opened to be executed: checked for that, and read through its page cache.</summary>
internal sealed class ExecutableFile
{
    private const int HeadLength = 256; // Linux: BINPRM_BUF_SIZE

    private readonly FramePool _frames;
    private readonly long _size; // asked once: the file cannot be written while it is being loaded
    private bool _deniesWriting;

    private ExecutableFile(OpenFile file, PageCache pages, FramePool frames)
    {
        File = file;
        Pages = pages;
        _frames = frames;
        _size = pages.Size;
    }

    public OpenFile File { get; }

    public PageCache Pages { get; }

    /// <summary>Bytes.</summary>
    public long Size => _size;

    /// <summary>Finds and opens an interpreter. The errors are those of exec.</summary>
    public static ValueTask<(Errno Error, ExecutableFile? File)> OpenAsync(LinuxTask current, string path)
    {
        Errno e = PathWalk.Resolve(current, Fd.WorkingDirectory, path, WalkFlags.Follow, out VfsPath place);
        return e != Errno.None ? new((e, null)) : OpenAsync(current, place);
    }

    /// <summary>Opens a file: EACCES unless it is a regular file that may be executed. Linux: fs/exec.c, do_open_execat.</summary>
    public static async ValueTask<(Errno Error, ExecutableFile? File)> OpenAsync(LinuxTask current, VfsPath place)
    {
        if (place.Inode.Type == FileType.SymbolicLink) return (Errno.ELOOP, null);
        if (place.Inode.Type != FileType.Regular || (place.Mount.Flags & MountFlags.NoExec) != 0) return (Errno.EACCES, null);
        Errno e = Permissions.Check(place.Inode, current.Credential, Files.AccessMode.Execute);
        if (e != Errno.None) return (e, null);
        (e, OpenFile? file) = await place.Inode.OpenAsync(current, place, OpenFlags.ReadOnly);
        if (e != Errno.None) return (e, null);
        if (!Over(file!, current.Kernel.Frames, out ExecutableFile? opened)) return (Errno.EACCES, null);
        if (opened!.TryDenyWriting()) return (Errno.None, opened);
        opened.Release();
        return (Errno.ETXTBSY, null);
    }

    /// <summary>Takes an open file over; false, and released, when it has no pages.</summary>
    public static bool Over(OpenFile file, FramePool frames, out ExecutableFile? opened)
    {
        opened = file.Pages is { } pages ? new ExecutableFile(file, pages, frames) : null;
        if (opened == null) file.Release();
        return opened != null;
    }

    /// <summary>Gives the file up; mappings hold references of their own.</summary>
    public void Release()
    {
        if (_deniesWriting) File.Inode!.EndRunning();
        File.Release();
    }

    private bool TryDenyWriting() => _deniesWriting = File.Inode?.TryBeginRunning() == true;

    /// <summary>The first 256 bytes, zeros behind the end of a shorter file.</summary>
    public byte[] Head()
    {
        var head = new byte[HeadLength];
        Read(0, head.AsSpan(0, (int)Math.Min(HeadLength, _size)));
        return head;
    }

    /// <summary>Reads bytes; false when the file ends before, or cannot be read.</summary>
    public unsafe bool Read(ulong offset, Span<byte> destination)
    {
        if (offset > (ulong)_size || (ulong)destination.Length > (ulong)_size - offset) return false;
        while (destination.Length > 0)
        {
            if (Pages.GetPageForRead((long)(offset >> FramePool.FrameShift), out int frame) != Errno.None) return false;
            int inPage = (int)(offset & (FramePool.FrameSize - 1));
            int n = Math.Min(destination.Length, FramePool.FrameSize - inPage);
            new ReadOnlySpan<byte>(_frames.Pointer(frame) + inPage, n).CopyTo(destination);
            destination = destination[n..];
            offset += (ulong)n;
        }
        return true;
    }
}
