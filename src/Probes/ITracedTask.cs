namespace Kennel.Probes;

/// <summary>
/// A task as tracing sees it: what nearly every script asks, quickly. Everything else is read through
/// <see cref="IKernelModel"/>; a task is itself one of the objects there. Valid inside the kernel lock.
/// </summary>
public interface ITracedTask
{
    /// <summary>Thread id, global. 0 for the idle task.</summary>
    int ThreadId { get; }

    /// <summary>Process id, global (Linux: tgid).</summary>
    int ProcessId { get; }

    /// <summary>The process that it belongs to, as an object to compare and to key by.</summary>
    object Process { get; }

    /// <summary>The parent process' first task; null for the idle task.</summary>
    ITracedTask? Parent { get; }

    /// <summary>The thread's name (Linux: comm), at most 15 bytes. The idle task's is "swapper/0".</summary>
    string Name { get; }

    /// <summary>The arguments of the program that it runs, as exec got them; empty for kernel threads.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>Real and effective ids.</summary>
    uint UserId { get; }

    /// <inheritdoc cref="UserId"/>
    uint GroupId { get; }

    /// <inheritdoc cref="UserId"/>
    uint EffectiveUserId { get; }

    /// <inheritdoc cref="UserId"/>
    uint EffectiveGroupId { get; }

    /// <summary>CPU time in user mode and in the kernel, nanoseconds, up to now.</summary>
    (long User, long System) CpuTime { get; }

    /// <summary>CPU time at a moment that is now, such as a record's: the clock is not read again.</summary>
    (long User, long System) CpuTimeAt(long now) => CpuTime;

    /// <summary>/proc/PID/stat's letter.</summary>
    char State { get; }

    /// <summary>The processor that it runs on or ran on last.</summary>
    int Cpu { get; }

    /// <summary>When it was made, monotonic nanoseconds.</summary>
    long StartTime { get; }

    /// <summary>The system call that it is in; -1 in user mode.</summary>
    int Syscall { get; }

    /// <summary>Copies guest memory out without faulting anything in. Answers how many bytes, from the start, could be read.</summary>
    int ReadMemory(ulong address, Span<byte> destination);

    /// <summary>Copies into guest memory, copying shared pages as a store would. Answers how many bytes.</summary>
    int WriteMemory(ulong address, ReadOnlySpan<byte> source);

    /// <summary>A register as the guest left it: 0..15 RAX RCX RDX RBX RSP RBP RSI RDI R8..R15, 16 RIP, 17 RFLAGS.</summary>
    ulong Register(int number);

    /// <summary>Return addresses in user mode, RIP first, by unwind tables and frame pointers. Answers how many.</summary>
    int UserStack(Span<ulong> frames);

    /// <summary>Kernel functions that it is in, innermost first, as addresses that <see cref="IKernelModel.FindFunction(ulong)"/> knows. Answers how many.</summary>
    int KernelStack(Span<ulong> frames);

    /// <summary>The symbol at a user address.</summary>
    UserSymbol? FindUserSymbol(ulong address);

    /// <summary>What a descriptor leads to; AT_FDCWD is the working directory.</summary>
    TracedFile? FindFile(int descriptor);

    /// <summary>The path of the file that a path leads this task to, over all symbolic links; null when there is none.</summary>
    string? RealPath(string path) => null;

    /// <summary>Sends a signal to it, as the kernel.</summary>
    void SendSignal(int signal);
}

/// <summary>A place in a program or library.</summary>
/// <param name="Path">The mapped file's path.</param>
/// <param name="Name">The function; empty when there is none.</param>
/// <param name="Start">Where the function (or, without one, the file) begins in memory.</param>
/// <param name="Size">The function's bytes; 0 when unknown.</param>
/// <param name="FileOffset">Where in the file the address that was asked for lies.</param>
public readonly record struct UserSymbol(string Path, string Name, ulong Start, ulong Size, ulong FileOffset = 0);

/// <summary>An open file, as lsof names it.</summary>
/// <param name="Path">Its path in the guest, or a name such as pipe:[7] or socket:[9].</param>
/// <param name="Offset">Its position, bytes.</param>
/// <param name="Flags">O_* flags.</param>
/// <param name="FileSystem">The type of its file system.</param>
/// <param name="MountPoint">Where that is mounted.</param>
/// <param name="Device">For a character or block device "char 1:3" or "block 8:0"; else null.</param>
public sealed record TracedFile(string Path, long Offset, int Flags, string FileSystem, string MountPoint, string? Device);
