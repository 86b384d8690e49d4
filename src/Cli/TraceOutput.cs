using System.Diagnostics;
using System.Text;

namespace Kennel.Cli;

/// <summary>Where the text of <c>kennel trace</c> goes: standard error, a file, a command (-o '|command'), or a file for each thread (-ff).</summary>
internal sealed class TraceOutput
{
    private readonly string? _path;
    private readonly bool _append;
    private readonly MeteredStream? _stream;
    private readonly StreamWriter? _writer;
    private readonly Process? _command;

    /// <param name="path">-o's value; null for standard error.</param>
    /// <param name="append">Whether files are appended to (-A).</param>
    /// <param name="isSplit">Whether each thread has a file of its own.</param>
    /// <exception cref="SandboxException">It cannot be written.</exception>
    public TraceOutput(string? path, bool append, bool isSplit)
    {
        (_path, _append) = (path, append);
        Messages = Writer(Console.OpenStandardError());
        if (path == null || isSplit) return;
        if (IsCommand(path)) _command = Start(path[1..]);
        _stream = _command != null ? new MeteredStream(_command.StandardInput.BaseStream) : Open(path);
        _writer = Writer(_stream);
    }

    /// <summary>Whether -o names a command that reads the text.</summary>
    public static bool IsCommand(string path) => path.StartsWith('|') || path.StartsWith('!');

    /// <summary>What is said to the user, whatever is said of the program.</summary>
    public StreamWriter Messages { get; }

    /// <summary>Where the text goes.</summary>
    public TextWriter Text => _writer ?? Messages;

    /// <summary>A thread's own output. While the program runs: what cannot be written costs that thread's text, not the program.</summary>
    public TextWriter OpenSplit(int thread)
    {
        try
        {
            return Writer(Open($"{_path}.{thread}"));
        }
        catch (SandboxException problem)
        {
            Messages.WriteLine($"kennel: {problem.Message}");
            return TextWriter.Null;
        }
    }

    /// <summary>Ends it, waits for the command, and says what went wrong.</summary>
    public void Close()
    {
        _writer?.Dispose();
        _command?.WaitForExit();
        // A command may have read enough, as head does.
        if (_command == null && _stream?.Report(_path!) is { } report) Messages.WriteLine(report);
        Messages.Dispose();
    }

    private static Process Start(string command)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardInput = true })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new SandboxException($"cannot run {command}: {e.Message}");
        }
    }

    private MeteredStream Open(string path)
    {
        try
        {
            return new MeteredStream(new FileStream(path, _append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SandboxException($"cannot write {path}: {e.Message}");
        }
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
}
