namespace Kennel.Files;

/// <summary>ioctl commands that many kinds of files answer (man 2 ioctl_list).</summary>
public static class Ioctl
{
    /// <summary>FIONREAD.</summary>
    public const uint BytesToRead = 0x541b;

    /// <summary>TIOCOUTQ, SIOCOUTQ.</summary>
    public const uint BytesUnsent = 0x5411;

    /// <summary>FIONBIO.</summary>
    public const uint SetNonBlocking = 0x5421;

    /// <summary>FIOASYNC.</summary>
    public const uint SetAsync = 0x5452;

    /// <summary>FIOCLEX.</summary>
    public const uint SetCloseOnExec = 0x5451;

    /// <summary>FIONCLEX.</summary>
    public const uint ClearCloseOnExec = 0x5450;

    /// <summary>FIOQSIZE.</summary>
    public const uint QuerySize = 0x5460;

    /// <summary>FICLONE.</summary>
    public const uint Clone = 0x40049409;

    /// <summary>FICLONERANGE.</summary>
    public const uint CloneRange = 0x4020940d;

    /// <summary>FIGETBSZ.</summary>
    public const uint BlockSize = 2;

    /// <summary>FS_IOC_GETFLAGS.</summary>
    public const uint GetInodeFlags = 0x80086601;
}
