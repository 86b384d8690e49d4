using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Nameless pipes (Linux: fs/pipe.c, create_pipe_files).</summary>
public static class Pipes
{
    private const uint Permissions = 0x180; // 0600

    /// <summary>The two ends of a new pipe, for a task.</summary>
    /// <param name="flags">O_NONBLOCK, O_DIRECT.</param>
    public static (PipeFile Reader, PipeFile Writer) Create(LinuxTask current, OpenFlags flags) => Create(current.Kernel, current.Credential, flags);

    /// <summary>The two ends of a new pipe.</summary>
    public static (PipeFile Reader, PipeFile Writer) Create(Kernel kernel, Credential owner, OpenFlags flags)
    {
        NamelessFileSystem home = kernel.Vfs.PipeFileSystem;
        ulong number = kernel.Vfs.NextNamelessInode();
        var inode = new NamelessInode(home, FileType.Fifo, number, Permissions, owner.FsUid, owner.FsGid, kernel.Time);
        var pipe = new Pipe(kernel.Frames);
        inode.FifoPipe = pipe;
        VfsPath place = home.Place($"pipe:[{number}]", inode);
        return (new PipeFile(pipe, flags | OpenFlags.ReadOnly) { Path = place }, new PipeFile(pipe, flags | OpenFlags.WriteOnly) { Path = place });
    }
}
