namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Names of device controls and of the bits of a terminal. The order is that of strace's output.</summary>
internal static class TerminalNames
{
    public static readonly Xlat Ioctls = new("0x???",
        [(0x5401, "TCGETS"), (0x5402, "TCSETS"), (0x5403, "TCSETSW"), (0x5404, "TCSETSF"), (0x5405, "TCGETA"), (0x5406, "TCSETA"),
         (0x5409, "TCSBRK"), (0x540a, "TCXONC"), (0x540b, "TCFLSH"), (0x540c, "TIOCEXCL"), (0x540d, "TIOCNXCL"), (0x540e, "TIOCSCTTY"),
         (0x540f, "TIOCGPGRP"), (0x5410, "TIOCSPGRP"), (0x5411, "TIOCOUTQ"), (0x5412, "TIOCSTI"), (0x5413, "TIOCGWINSZ"),
         (0x5414, "TIOCSWINSZ"), (0x5415, "TIOCMGET"), (0x5418, "TIOCMSET"), (0x541b, "FIONREAD"), (0x541d, "TIOCCONS"),
         (0x5420, "TIOCPKT"), (0x5421, "FIONBIO"), (0x5422, "TIOCNOTTY"), (0x5423, "TIOCSETD"), (0x5424, "TIOCGETD"),
         (0x5425, "TCSBRKP"), (0x5427, "TIOCSBRK"), (0x5428, "TIOCCBRK"), (0x5429, "TIOCGSID"), (0x80045430, "TIOCGPTN"),
         (0x40045431, "TIOCSPTLCK"), (0x80045439, "TIOCGPTLCK"), (0x5441, "TIOCGPTPEER"), (0x5437, "TIOCVHANGUP"),
         (0x80045432, "TIOCGDEV"), (0x80045440, "TIOCGEXCL"), (0x802c542a, "TCGETS2"), (0x402c542b, "TCSETS2"), (0x5450, "FIONCLEX"),
         (0x5451, "FIOCLEX"), (0x5452, "FIOASYNC"), (0x5460, "FIOQSIZE"), (0x8912, "SIOCGIFCONF"), (0x8913, "SIOCGIFFLAGS"),
         (0x8915, "SIOCGIFADDR"), (0x8933, "SIOCGIFINDEX"), (0x8905, "SIOCATMARK"), (0x80086601, "FS_IOC_GETFLAGS"),
         (0x40086602, "FS_IOC_SETFLAGS"), (0x40049409, "FICLONE"), (0x4020940d, "FICLONERANGE"), (0xc020660b, "FS_IOC_FIEMAP"),
         (0x80081272, "BLKGETSIZE64"), (0x1268, "BLKSSZGET"), (0xb701, "NS_GET_USERNS"), (0xb702, "NS_GET_PARENT"),
         (0xb703, "NS_GET_NSTYPE")]);

    public static readonly Xlat InputFlags = new("I???",
        [(0x1, "IGNBRK"), (0x2, "BRKINT"), (0x4, "IGNPAR"), (0x8, "PARMRK"), (0x10, "INPCK"), (0x20, "ISTRIP"), (0x40, "INLCR"),
         (0x80, "IGNCR"), (0x100, "ICRNL"), (0x200, "IUCLC"), (0x400, "IXON"), (0x800, "IXANY"), (0x1000, "IXOFF"), (0x2000, "IMAXBEL"),
         (0x4000, "IUTF8")]);

    public static readonly Xlat OutputFlags = new("O???",
        [(0x1, "OPOST"), (0x2, "OLCUC"), (0x4, "ONLCR"), (0x8, "OCRNL"), (0x10, "ONOCR"), (0x20, "ONLRET"), (0x40, "OFILL"),
         (0x80, "OFDEL"), (0x100, "NL1"), (0x200, "CR1"), (0x400, "CR2"), (0x600, "CR3"), (0x800, "TAB1"), (0x1000, "TAB2"),
         (0x1800, "TAB3"), (0x2000, "BS1"), (0x4000, "VT1"), (0x8000, "FF1")]);

    public static readonly Xlat BaudRates = new("B???",
        [(0x0, "B0"), (0x1, "B50"), (0x2, "B75"), (0x3, "B110"), (0x4, "B134"), (0x5, "B150"), (0x6, "B200"), (0x7, "B300"),
         (0x8, "B600"), (0x9, "B1200"), (0xa, "B1800"), (0xb, "B2400"), (0xc, "B4800"), (0xd, "B9600"), (0xe, "B19200"),
         (0xf, "B38400"), (0x1001, "B57600"), (0x1002, "B115200"), (0x1003, "B230400")]);

    public static readonly Xlat CharacterSizes = new("CS?",
        [(0x0, "CS5"), (0x10, "CS6"), (0x20, "CS7"), (0x30, "CS8")]);

    public static readonly Xlat ControlFlags = new("C???",
        [(0x40, "CSTOPB"), (0x80, "CREAD"), (0x100, "PARENB"), (0x200, "PARODD"), (0x400, "HUPCL"), (0x800, "CLOCAL"),
         (0x80000000, "CRTSCTS")]);

    public static readonly Xlat LocalFlags = new("L???",
        [(0x1, "ISIG"), (0x2, "ICANON"), (0x4, "XCASE"), (0x8, "ECHO"), (0x10, "ECHOE"), (0x20, "ECHOK"), (0x40, "ECHONL"),
         (0x80, "NOFLSH"), (0x100, "TOSTOP"), (0x8000, "IEXTEN"), (0x200, "ECHOCTL"), (0x400, "ECHOPRT"), (0x800, "ECHOKE"),
         (0x1000, "FLUSHO"), (0x4000, "PENDIN"), (0x10000, "EXTPROC")]);

    public static readonly Xlat FlushActions = new("TC???",
        [(0x0, "TCOOFF"), (0x1, "TCOON"), (0x2, "TCIOFF"), (0x3, "TCION")]);

    public static readonly Xlat FlushQueues = new("TC???",
        [(0x0, "TCIFLUSH"), (0x1, "TCOFLUSH"), (0x2, "TCIOFLUSH")]);
}
