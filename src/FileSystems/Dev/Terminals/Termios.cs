using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>Terminal settings: struct termios2 of x86-64; the first 36 bytes are struct termios (man 3 termios, man 2 ioctl_tty).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Termios
{
    /// <summary>Bytes of struct termios, without the speeds.</summary>
    public const int ShortSize = 36;

    public InputModes Input;
    public OutputModes Output;

    /// <summary>c_cflag; a pseudo-terminal only keeps it.</summary>
    public uint Control;
    public LocalModes Local;

    /// <summary>c_line: 0 is N_TTY.</summary>
    public byte Discipline;
    public ControlCharacters Characters;
    public uint InputSpeed, OutputSpeed;

    /// <summary>What a new terminal has. Linux: tty_std_termios, as drivers/tty/pty.c changes it.</summary>
    public static Termios Default
    {
        get
        {
            var t = new Termios
            {
                Input = InputModes.CrToNl | InputModes.StartStop,
                Output = OutputModes.Process | OutputModes.NlToCrNl,
                Control = 0xbf, // B38400, CS8, CREAD
                Local = LocalModes.Signals | LocalModes.Canonical | LocalModes.Echo | LocalModes.EchoErase | LocalModes.EchoKill
                    | LocalModes.EchoControl | LocalModes.EchoKillErase | LocalModes.Extended,
                InputSpeed = 38400,
                OutputSpeed = 38400,
            };
            ReadOnlySpan<byte> initial = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];
            initial.CopyTo(t.Characters);
            return t;
        }
    }

    public readonly bool Has(InputModes mode) => (Input & mode) != 0;

    public readonly bool Has(OutputModes mode) => (Output & mode) != 0;

    public readonly bool Has(LocalModes mode) => (Local & mode) != 0;

    /// <summary>Whether a byte is this special character; 0 (_POSIX_VDISABLE) is none.</summary>
    public readonly bool Is(byte c, ControlCharacter which) => c != 0 && Characters[(int)which] == c;

    public readonly byte this[ControlCharacter which] => Characters[(int)which];
}

/// <summary>c_cc.</summary>
[InlineArray(19)]
public struct ControlCharacters
{
    private byte _first;
}

/// <summary>Indexes into c_cc.</summary>
public enum ControlCharacter
{
    Interrupt = 0,
    Quit = 1,
    Erase = 2,
    Kill = 3,
    EndOfFile = 4,
    Time = 5,
    Minimum = 6,
    Start = 8,
    Stop = 9,
    Suspend = 10,
    EndOfLine = 11,
    Reprint = 12,
    Discard = 13,
    WordErase = 14,
    LiteralNext = 15,
    EndOfLine2 = 16,
}

/// <summary>c_iflag.</summary>
[Flags]
public enum InputModes : uint
{
    None = 0,
    IgnoreBreak = 0x1,
    BreakInterrupt = 0x2,
    IgnoreParity = 0x4,
    MarkParity = 0x8,
    CheckParity = 0x10,
    Strip = 0x20,

    /// <summary>INLCR.</summary>
    NlToCr = 0x40,

    /// <summary>IGNCR.</summary>
    IgnoreCr = 0x80,

    /// <summary>ICRNL.</summary>
    CrToNl = 0x100,

    /// <summary>IUCLC.</summary>
    ToLower = 0x200,

    /// <summary>IXON.</summary>
    StartStop = 0x400,

    /// <summary>IXANY.</summary>
    AnyStarts = 0x800,
    StartStopInput = 0x1000,

    /// <summary>IMAXBEL.</summary>
    BellWhenFull = 0x2000,
    Utf8 = 0x4000,
}

/// <summary>c_oflag.</summary>
[Flags]
public enum OutputModes : uint
{
    None = 0,

    /// <summary>OPOST.</summary>
    Process = 0x1,

    /// <summary>OLCUC.</summary>
    ToUpper = 0x2,

    /// <summary>ONLCR.</summary>
    NlToCrNl = 0x4,

    /// <summary>OCRNL.</summary>
    CrToNl = 0x8,

    /// <summary>ONOCR.</summary>
    NoCrAtColumn0 = 0x10,

    /// <summary>ONLRET.</summary>
    NlReturns = 0x20,

    /// <summary>XTABS: the value of TABDLY that turns tabs into spaces.</summary>
    ExpandTabs = 0x1800,
}

/// <summary>c_lflag.</summary>
[Flags]
public enum LocalModes : uint
{
    None = 0,

    /// <summary>ISIG.</summary>
    Signals = 0x1,

    /// <summary>ICANON.</summary>
    Canonical = 0x2,
    Echo = 0x8,

    /// <summary>ECHOE.</summary>
    EchoErase = 0x10,

    /// <summary>ECHOK.</summary>
    EchoKill = 0x20,

    /// <summary>ECHONL.</summary>
    EchoNewLine = 0x40,

    /// <summary>NOFLSH.</summary>
    NoFlush = 0x80,

    /// <summary>TOSTOP.</summary>
    StopBackgroundOutput = 0x100,

    /// <summary>ECHOCTL.</summary>
    EchoControl = 0x200,

    /// <summary>ECHOPRT.</summary>
    EchoPrint = 0x400,

    /// <summary>ECHOKE.</summary>
    EchoKillErase = 0x800,

    /// <summary>IEXTEN.</summary>
    Extended = 0x8000,
}

/// <summary>struct winsize: rows and columns, and pixels that nobody fills.</summary>
public record struct WindowSize(ushort Rows, ushort Columns, ushort PixelWidth, ushort PixelHeight);
