using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kennel.Guest.Tests;

/// <summary>A process to run.</summary>
public sealed record ProcessRequest(string Program, string[] Arguments)
{
    /// <summary>Its working directory; null for ours.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Its whole environment; null for ours.</summary>
    public Dictionary<string, string>? Environment { get; init; }

    /// <summary>The file that is its standard input; null for an empty one.</summary>
    public string? InputPath { get; init; }

    /// <summary>Whether it becomes the leader of a session, whose group can be ended as one.</summary>
    public bool LeadsSession { get; init; }
}

/// <summary>How a process ended and what it printed.</summary>
public sealed record ProcessOutcome(int Status, byte[] Output, byte[] Error, bool TimedOut);

/// <summary>Runs host processes with their streams captured as bytes and their time limited.</summary>
public static partial class ProcessRunner
{
    private const int MostOutput = 64 << 20;

    /// <summary>Runs a process to its end. When its time is over, it and all its descendants that can be found are killed.</summary>
    public static async Task<ProcessOutcome> RunAsync(ProcessRequest request, TimeSpan timeout, CancellationToken cancel)
    {
        using var process = new Process { StartInfo = StartInfo(request) };
        process.Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        Task feed = FeedAsync(process, request.InputPath, limit.Token);
        Task<byte[]> output = ReadAsync(process.StandardOutput.BaseStream, limit.Token);
        Task<byte[]> error = ReadAsync(process.StandardError.BaseStream, limit.Token);
        bool timedOut = false;
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            timedOut = true;
            if (request.LeadsSession)
                _ = Kill(-process.Id, 9);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancel.ThrowIfCancellationRequested();
        }

        // A descendant may hold the streams open for good; what has come until now is what counts.
        limit.CancelAfter(TimeSpan.FromSeconds(timedOut ? 1 : 10));
        byte[] printed = await output, complained = await error;
        await feed;
        return new ProcessOutcome(process.ExitCode, printed, complained, timedOut || limit.IsCancellationRequested);
    }

    private static ProcessStartInfo StartInfo(ProcessRequest request)
    {
        var info = new ProcessStartInfo(request.Program, request.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = request.WorkingDirectory ?? "",
        };
        if (request.Environment is { } environment)
        {
            info.Environment.Clear();
            foreach ((string name, string value) in environment)
                info.Environment[name] = value;
        }
        return info;
    }

    private static async Task FeedAsync(Process process, string? path, CancellationToken cancel)
    {
        try
        {
            if (path is not null)
                await process.StandardInput.BaseStream.WriteAsync(await File.ReadAllBytesAsync(path, cancel), cancel);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It ended without reading all of its input.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var result = new MemoryStream();
        byte[] buffer = new byte[65536];
        try
        {
            int n;
            while ((n = await stream.ReadAsync(buffer, cancel)) > 0)
            {
                if (result.Length < MostOutput)
                    result.Write(buffer, 0, n);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over: what has come is the output.
        }
        return result.ToArray();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
