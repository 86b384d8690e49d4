using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>tcgetattr and tcsetattr: TCGETS, TCSETS, TCSETSW, TCSETSF and their termios2 forms (Linux: tty_mode_ioctl, set_termios).</summary>
internal static class TerminalSettings
{
    private const uint Get = 0x5401, Set = 0x5402, SetFlush = 0x5404, Get2 = 0x802c542a, Set2 = 0x402c542b, SetFlush2 = 0x402c542d;

    private const uint SpeedMask = 0x100f, CharacterSizeMask = 0x30, ParityMask = 0x100;

    public static SyscallResult Control(PseudoTerminal terminal, LinuxTask current, uint command, ulong argument, bool isMaster)
    {
        bool isLong = command is Get2 or (>= Set2 and <= SetFlush2);
        Termios settings = terminal.Settings;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<Termios>(ref settings));
        if (!isLong) bytes = bytes[..Termios.ShortSize];
        AddressSpace? memory = current.Memory;
        if (command is Get or Get2) return memory != null && memory.CopyOut(argument, bytes) ? 0 : Errno.EFAULT;

        Errno error = TerminalControl.CheckChange(terminal, current, isMaster);
        if (error != Errno.None) return error;
        if (memory == null || !memory.CopyIn(argument, bytes)) return Errno.EFAULT;
        if (command is SetFlush or SetFlush2) terminal.FlushInput();
        if (!isLong) settings.InputSpeed = settings.OutputSpeed = SpeedOf(settings.Control & SpeedMask);
        settings.Control = (settings.Control & ~(CharacterSizeMask | ParityMask)) | 0xb0; // CS8, CREAD: all that a pty can. Linux: pty_set_termios
        Change(terminal, settings);
        return 0;
    }

    private static void Change(PseudoTerminal terminal, in Termios settings)
    {
        bool had = IsFlowControlled(terminal.Settings), has = IsFlowControlled(settings);
        terminal.Settings = settings;
        if (had != has) terminal.Tell(has ? PacketEvents.DoStop : PacketEvents.NoStop);
        if (terminal.Discipline.HasInput(1)) terminal.InputWaiters.WakeAll(PollKeys.In);
    }

    private static bool IsFlowControlled(in Termios t) =>
        t.Has(InputModes.StartStop) && t[ControlCharacter.Stop] == 19 && t[ControlCharacter.Start] == 17;

    // B0 to B38400, then the extended codes (include/uapi/asm-generic/termbits.h).
    private static uint SpeedOf(uint code)
    {
        ReadOnlySpan<uint> low = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];
        ReadOnlySpan<uint> high =
            [0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000];
        return (code & 0x1000) != 0 ? high[(int)(code & 15)] : low[(int)code];
    }
}
