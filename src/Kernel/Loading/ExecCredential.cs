using Kennel.Files;
using Kennel.Credentials;

namespace Kennel.Loading;

/// <summary>Who a program acts as (man 2 execve, "Effect on process attributes"; man 7 capabilities).</summary>
/// <param name="Credential">The new credential.</param>
/// <param name="IsSecure">Whether it gained something (AT_SECURE).</param>
internal readonly record struct ExecCredential(Credential Credential, bool IsSecure)
{
    private const uint SetUid = 0x800, SetGid = 0x400, GroupExecute = 0x8;

    /// <summary>Applies the set-id bits of the file and the rules for capabilities. Linux: fs/exec.c, bprm_fill_uid; security/commoncap.c.</summary>
    public static ExecCredential For(Credential old, ExecutableFile program)
    {
        (uint user, uint group) = (old.EffectiveUid, old.EffectiveGid);
        bool honoursBits = !old.NoNewPrivileges && program.File.Path is { } path && (path.Mount.Flags & MountFlags.NoSuid) == 0;
        if (honoursBits && program.File.GetAttributes(out InodeAttributes file) == Abi.Errno.None)
        {
            if ((file.Permissions & SetUid) != 0) user = file.Uid;
            if ((file.Permissions & (SetGid | GroupExecute)) == (SetGid | GroupExecute)) group = file.Gid;
        }
        bool isSetId = user != old.Uid || group != old.Gid;
        ulong permitted = user == 0 || old.Uid == 0 ? old.Bounding | old.Inheritable : 0;
        ulong ambient = isSetId ? 0 : old.Ambient;
        permitted |= ambient;
        ulong effective = user == 0 ? permitted : ambient;
        Credential credential = old with
        {
            EffectiveUid = user,
            SavedUid = user,
            FsUid = user,
            EffectiveGid = group,
            SavedGid = group,
            FsGid = group,
            Permitted = permitted,
            Effective = effective,
            Ambient = ambient,
        };
        bool gained = old.Uid != 0 && (effective & ~ambient) != 0;
        return new ExecCredential(credential, isSetId || gained);
    }
}
