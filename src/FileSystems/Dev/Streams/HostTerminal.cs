using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.FileSystems.Dev.Terminals;
using Kennel.FileSystems.Host;
using Kennel.Files;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>
/// Connects the terminal that this .NET process runs on with a guest's pseudo-terminal: keys go to the master's side, the screen
/// comes from there. Meanwhile the host's terminal is raw, so that ^C, ^Z and echo are the guest's business; its settings come back
/// with <see cref="Dispose"/>. <see cref="HostStreams.ConnectTerminal"/> makes it.
/// </summary>
public sealed class HostTerminal : IDisposable
{
    private const int Chunk = 4096;

    private readonly Kernel _kernel;
    private readonly HostPoller _poller;
    private readonly int _inputFd, _outputFd;
    private readonly byte[] _keys = new byte[Chunk], _screen = new byte[Chunk];
    private readonly WaitEntry _screenWatch, _keyboardWatch;
    private readonly PosixSignalRegistration? _resized;
    private readonly Termios? _before;
    private int _keyStart, _keyEnd; // guard-note: the kernel lock, with all below
    private bool _waitsForKeys, _waitsForScreen, _isTyping, _ended;

    internal HostTerminal(Kernel kernel, HostPoller poller, PseudoTerminal terminal, int inputFd, int outputFd)
    {
        _kernel = kernel;
        _poller = poller;
        _inputFd = inputFd;
        _outputFd = outputFd;
        Terminal = terminal;
        _screenWatch = new WaitEntry(_ => Always(PumpScreen));
        _keyboardWatch = new WaitEntry(_ => Always(PumpKeys));
        int sizeFd = inputFd >= 0 ? inputFd : outputFd;
        if (inputFd >= 0 && HostCalls.GetTermios(inputFd, out Termios settings) == Errno.None)
        {
            _before = settings;
            terminal.Settings = settings with { InputSpeed = 38400, OutputSpeed = 38400 };
            HostCalls.SetTermios(inputFd, Raw(settings));
        }
        UpdateSize(sizeFd);
        if (!OperatingSystem.IsWindows() && HostCalls.IsTerminal(sizeFd))
        {
            _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => kernel.Post(() => UpdateSize(sizeFd)));
        }
        terminal.ScreenWaiters.Add(_screenWatch);
        terminal.KeyboardWaiters.Add(_keyboardWatch);
        AwaitKeys();
    }

    /// <summary>The guest's side.</summary>
    public PseudoTerminal Terminal { get; }

    /// <summary>Shows what guests have written so far, waiting for the host's terminal if need be. Not inside the kernel lock.</summary>
    public void Flush()
    {
        while (true)
        {
            lock (_kernel.Lock)
            {
                PumpScreen();
                if (Terminal.ScreenCount == 0 || _ended) return;
            }
            HostPoller.WaitFor(_outputFd, HostPoller.Out);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_kernel.Lock)
        {
            if (_ended) return;
            _ended = true;
            _screenWatch.Remove();
            _keyboardWatch.Remove();
        }
        _resized?.Dispose();
        if (_inputFd >= 0) _poller.Forget(_inputFd);
        _poller.Forget(_outputFd);
        if (_before is { } settings) HostCalls.SetTermios(_inputFd, settings);
    }

    private void AwaitKeys()
    {
        if (_inputFd < 0 || _waitsForKeys || _ended) return;
        _waitsForKeys = true;
        _poller.Watch(_inputFd, HostPoller.In, () =>
        {
            _waitsForKeys = false;
            PumpKeys();
        });
    }

    // Typing may itself make room for keys and call back here.
    private void PumpKeys()
    {
        if (_ended || _isTyping) return;
        _isTyping = true;
        bool more = TypeKeys();
        _isTyping = false;
        if (more) AwaitKeys();
    }

    // False when the guest does not read (KeyboardWaiters tells when it does), or the host's terminal is gone.
    private bool TypeKeys()
    {
        if (_keyStart == _keyEnd && !_waitsForKeys && HostPoller.Look(_inputFd, HostPoller.In) != 0)
        {
            Errno error = HostCalls.ReadNow(_inputFd, _keys, out int n);
            if (error != Errno.EAGAIN && n == 0)
            {
                Terminal.HangUp();
                return false;
            }
            (_keyStart, _keyEnd) = (0, n);
        }
        _keyStart += Terminal.Type(_keys.AsSpan(_keyStart, _keyEnd - _keyStart));
        return _keyStart == _keyEnd;
    }

    private void PumpScreen()
    {
        while (!_ended && Terminal.ScreenCount > 0)
        {
            if (HostPoller.Look(_outputFd, HostPoller.Out) == 0)
            {
                AwaitScreen();
                return;
            }
            int n = Math.Min(Terminal.ScreenCount, Chunk);
            ReadOnlySpan<byte> bytes = Terminal.PeekScreen(n);
            Errno error = HostCalls.WriteNow(_outputFd, bytes, out int written);
            if (error is not (Errno.None or Errno.EAGAIN)) written = n; // nobody looks any more: what is shown is lost
            Terminal.TakeScreen(_screen.AsSpan(0, written));
        }
    }

    private void AwaitScreen()
    {
        if (_waitsForScreen) return;
        _waitsForScreen = true;
        _poller.Watch(_outputFd, HostPoller.Out, () =>
        {
            _waitsForScreen = false;
            PumpScreen();
        });
    }

    private void UpdateSize(int fd)
    {
        if (HostCalls.GetWindowSize(fd, out WindowSize size) == Errno.None) Terminal.Resize(size);
    }

    private static bool Always(Action action)
    {
        action();
        return false;
    }

    // man 3 termios, cfmakeraw.
    private static Termios Raw(Termios t)
    {
        t.Input &= ~(InputModes.IgnoreBreak | InputModes.BreakInterrupt | InputModes.MarkParity | InputModes.Strip | InputModes.NlToCr
            | InputModes.IgnoreCr | InputModes.CrToNl | InputModes.StartStop);
        t.Output &= ~OutputModes.Process;
        t.Local &= ~(LocalModes.Echo | LocalModes.EchoNewLine | LocalModes.Canonical | LocalModes.Signals | LocalModes.Extended);
        t.Characters[(int)ControlCharacter.Minimum] = 1;
        t.Characters[(int)ControlCharacter.Time] = 0;
        return t;
    }
}
