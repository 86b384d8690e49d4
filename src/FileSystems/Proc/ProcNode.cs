using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>Anything in procfs or sysfs. What it is, its functions say; those that it has not answer as Linux does.</summary>
internal sealed class ProcNode(PseudoFileSystem fileSystem, string path, FileType type, uint permissions) : Inode(fileSystem)
{
    private readonly long _time = fileSystem.Kernel.Time.Realtime;

    /// <summary>The task whose user owns it; null for root.</summary>
    public LinuxTask? Owner { get; init; }

    /// <summary>Whether only those see its content who might trace its owner.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>What a regular file says to a reader; the bytes, one a char.</summary>
    public Func<LinuxTask, string>? Text { get; init; }

    /// <summary>What writing to it does.</summary>
    public Func<LinuxTask, string, Errno>? Write { get; init; }

    /// <summary>Opens what is no text; null for what is.</summary>
    public Func<OpenFlags, VfsPath, OpenFile>? Open { get; init; }

    /// <summary>The child of a directory; null when there is none.</summary>
    public Func<string, ProcNode?>? Find { get; init; }

    /// <summary>The names in a directory.</summary>
    public Func<IEnumerable<(string Name, FileType Type)>>? List { get; init; }

    /// <summary>The text of a symbolic link; null when it leads nowhere.</summary>
    public Func<LinuxTask, string?>? Target { get; init; }

    /// <summary>The object that a magic link leads to; null when there is none.</summary>
    public Func<VfsPath?>? Object { get; init; }

    /// <inheritdoc/>
    public override FileType Type => type;

    /// <inheritdoc/>
    public override bool AreChildrenStable => false;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = type,
            Permissions = permissions,
            Uid = Owner?.Credential.EffectiveUid ?? 0,
            Gid = Owner?.Credential.EffectiveGid ?? 0,
            Links = type == FileType.Directory ? 2u : 1u,
            Number = fileSystem.NumberOf(path),
            Device = fileSystem.Device,
            AccessTime = _time,
            ModifyTime = _time,
            ChangeTime = _time,
            BirthTime = _time,
            BlockSize = 1024,
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Lookup(string name, out Inode? child)
    {
        child = Find?.Invoke(name);
        return Find == null ? Errno.ENOTDIR : child == null ? Errno.ENOENT : Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        entries = [];
        if (List == null) return Errno.ENOTDIR;
        if (!MayLook(current)) return Errno.EACCES;
        entries = [.. List().Select(e => new DirectoryEntry(e.Name, fileSystem.NumberOf(path + "/" + e.Name), e.Type))];
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ReadLink(LinuxTask current, out string target)
    {
        target = "";
        if (Target == null) return Errno.EINVAL;
        if (!MayLook(current)) return Errno.EACCES;
        string? text = Target(current);
        target = text ?? "";
        return text == null ? Errno.ENOENT : Errno.None;
    }

    /// <inheritdoc/>
    public override Errno FollowMagicLink(LinuxTask current, out VfsPath? target)
    {
        target = null;
        if (Object == null) return Errno.None;
        if (!MayLook(current)) return Errno.EACCES;
        target = Object();
        return target == null ? Errno.ENOENT : Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change) =>
        change is { Permissions: null, Uid: null, Gid: null } ? Errno.None : Errno.EPERM; // opening with O_TRUNC is no error

    /// <inheritdoc/>
    public override ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        if (type != FileType.Regular) return base.OpenAsync(current, path, flags);
        if (!MayLook(current)) return new((Errno.EACCES, null));
        if (Open != null) return new((Errno.None, Open(flags, path)));
        return new((Errno.None, new ProcFile(this, flags) { Path = path }.HoldingInode<ProcFile>()));
    }

    private bool MayLook(LinuxTask current) => !IsGuarded || Owner == null || current.MayInspect(Owner);
}
