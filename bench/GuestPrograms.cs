using System.Diagnostics;

namespace Kennel.Bench;

/// <summary>One row of the table: a program and what to call it with.</summary>
/// <param name="Row">The row's name.</param>
/// <param name="Path">The compiled program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="IsKernel">Whether it is a CPU kernel, which prints a checksum and its time, or an operation.</param>
internal sealed record GuestProgram(string Row, string Path, string[] Arguments, bool IsKernel);

/// <summary>The programs of bench/guest, compiled by gcc -O2 into a directory of their own.</summary>
internal sealed class GuestPrograms : IDisposable
{
    private static readonly string[] Operations =
    [
        "getppid", "read-zero", "sched-yield", "signal-self", "pipe-ping-pong", "futex-ping-pong", "thread-create-join", "fork-exit-wait",
        "fork-1MiB", "fork-256MiB", "fork-1GiB", "vfork-exec-wait", "posix-spawn", "sh-c-true", "mmap-touch-munmap", "cow-fault", "cow-fault-parent", "1000-children",
    ];

    private GuestPrograms(string directory) => Directory = directory;

    /// <summary>Where the programs are.</summary>
    public string Directory { get; }

    /// <summary>All rows that were asked for.</summary>
    public List<GuestProgram> All { get; } = [];

    /// <summary>Compiles what the options ask for.</summary>
    public static GuestPrograms Compile(BenchOptions options) => Compile(options, [.. Operations.Where(name => options.Wants(name, "operations"))], withKernels: true);

    /// <summary>Compiles these operations only.</summary>
    public static GuestPrograms Compile(BenchOptions options, string[] operations) => Compile(options, operations, withKernels: false);

    private static GuestPrograms Compile(BenchOptions options, string[] operations, bool withKernels)
    {
        var programs = new GuestPrograms(System.IO.Directory.CreateTempSubdirectory("kennel-bench-").FullName);
        string source = Path.Combine(options.Repository, "bench", "guest");
        if (operations.Length > 0)
        {
            string program = programs.Compile(Path.Combine(source, "operations.c"));
            foreach (string name in operations)
                programs.All.Add(new GuestProgram(name, program, [name, $"{options.OperationTime}"], IsKernel: false));
        }
        foreach (string path in System.IO.Directory.GetFiles(Path.Combine(source, "kernels"), "*.c").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (withKernels && options.Wants(name, "kernels"))
                programs.All.Add(new GuestProgram(name, programs.Compile(path), [$"{options.KernelSize}"], IsKernel: true));
        }
        return programs;
    }

    /// <summary>Compiles one program of bench/guest that is no row.</summary>
    public static GuestPrograms CompileOne(BenchOptions options, string name)
    {
        var programs = new GuestPrograms(System.IO.Directory.CreateTempSubdirectory("kennel-bench-").FullName);
        programs.Compile(Path.Combine(options.Repository, "bench", "guest", name));
        return programs;
    }

    /// <inheritdoc/>
    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private string Compile(string source)
    {
        string program = Path.Combine(Directory, Path.GetFileNameWithoutExtension(source));
        using Process gcc = Process.Start("gcc", ["-O2", "-w", "-pthread", source, "-o", program, "-lm"]);
        gcc.WaitForExit();
        return gcc.ExitCode == 0 ? program : throw new InvalidOperationException($"gcc fails on {source}");
    }
}
