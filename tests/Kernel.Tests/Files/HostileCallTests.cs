using Kennel.Abi;
using Kennel.Files;
using Kennel.Files.Sockets;
using Kennel.FileSystems.Tmp;
using Kennel.Signals;
using Kennel.Syscalls;

namespace Kennel.Tests.Files;

/// <summary>Random calls with random arguments: none may throw, and when all is closed all frames are back.</summary>
public sealed class HostileCallTests
{
    private static readonly string[] Names =
    [
        "open", "openat", "openat2", "creat", "close", "close_range", "dup", "dup2", "dup3", "fcntl", "ioctl", "read", "write", "pread64", "pwrite64",
        "readv", "writev", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "stat", "lstat", "fstat", "newfstatat", "statx", "getdents",
        "getdents64", "getcwd", "chdir", "fchdir", "chroot", "mkdir", "mkdirat", "mknod", "mknodat", "unlink", "rmdir", "unlinkat", "link", "linkat",
        "symlink", "symlinkat", "readlink", "readlinkat", "rename", "renameat", "renameat2", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown",
        "lchown", "fchown", "fchownat", "umask", "access", "faccessat", "faccessat2", "utime", "utimes", "futimesat", "utimensat", "truncate",
        "ftruncate", "fallocate", "statfs", "fstatfs", "sync", "fsync", "fdatasync", "syncfs", "sync_file_range", "sendfile", "copy_file_range",
        "splice", "tee", "vmsplice", "setxattr", "lsetxattr", "fsetxattr", "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr",
        "flistxattr", "removexattr", "lremovexattr", "fremovexattr", "mount", "umount2", "pivot_root", "inotify_init", "inotify_add_watch",
        "name_to_handle_at", "open_by_handle_at", "readahead", "fadvise64", "pipe", "pipe2", "poll", "ppoll", "select", "pselect6", "epoll_create",
        "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "flock", "memfd_create", "socket",
        "socketpair", "bind", "listen", "connect", "accept", "accept4", "getsockname", "getpeername", "shutdown", "sendto", "recvfrom", "sendmsg",
        "recvmsg", "sendmmsg", "recvmmsg", "setsockopt", "getsockopt",
        "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr",
    ];

    private static readonly string[] Paths =
        ["/", ".", "..", "", "/a", "/a/b", "/d", "/d/e", "/d/../a", "/l", "/loop", "/d/", "/fifo", "//d//e/./", "x", "/s", "/proc"];

    [Theory]
    [InlineData(1, 0u)]
    [InlineData(2, 0u)]
    [InlineData(3, 1000u)]
    [InlineData(4, 0u)]
    public void NothingThrowsAndNothingLeaks(int seed, uint uid)
    {
        using var machine = new SyscallMachine();
        var mounted = new List<FileSystem>();
        machine.Kernel.Vfs.FileSystemTypes["tmpfs"] = (current, source, options) =>
        {
            (Errno error, FileSystem? made) = TmpOptionText.Make(current, source, options);
            if (made != null) mounted.Add(made);
            return (error, made);
        };
        int before = machine.Kernel.Frames.InUse;
        var random = new Random(seed);
        TestTask root = machine.NewTask();
        root.Ok("mkdir", "/d", 0x1ff);
        root.Ok("symlink", "loop", "/loop");
        root.Ok("symlink", "d", "/l");
        root.Ok("chmod", "/", 0x1ff);
        var tasks = new List<TestTask> { root };
        SyscallInfo[] calls = [.. Names.Select(n => SyscallTable.All.Single(s => s.Name == n))];
        TestTask task = NewTask(machine, uid, tasks);
        for (int i = 0; i < 15_000; i++)
        {
            SyscallInfo info = calls[random.Next(calls.Length)];
            int number = info.Number;
            var a = new ulong[6];
            for (int k = 0; k < 6; k++) a[k] = k < info.Parameters.Count && random.Next(8) > 0 ? Plausible(random, task, info.Parameters[k]) : Wild(random, task);
            PendingCall call;
            try
            {
                call = new PendingCall(SyscallTable.Dispatch(task.Task, number, a[0], a[1], a[2], a[3], a[4], a[5]));
                machine.RunUntilIdle();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"step {i}, call {info.Name}({string.Join(", ", a.Select(v => $"0x{v:x}"))})", e);
            }
            if (call.IsCompleted) Assert.InRange(call.Value, -4095, long.MaxValue);
            else task = NewTask(machine, uid, tasks); // this one sleeps
            if (task.Task.Files!.Open.Count() > 60) task.Task.Files.Close(new Fd(random.Next(64)));
            task.Task.Pending.Flush(ulong.MaxValue);
        }
        foreach (TestTask t in tasks)
        {
            t.Task.Handlers!.Change(Signal.SIGUSR1).Handler = 0x1000;
            t.Task.SetBlocked(0);
            t.Task.Send(SignalInfo.FromKernel(Signal.SIGUSR1));
        }
        machine.RunUntilIdle();
        foreach (TestTask t in tasks)
        {
            t.Task.Files!.Release();
            t.Task.Memory!.Release();
        }
        InFlightFiles.Collect(machine.Kernel);
        foreach (FileSystem fileSystem in mounted) fileSystem.Dispose();
        machine.RootFileSystem.Dispose();
        Assert.Equal(before, machine.Kernel.Frames.InUse);
        foreach (PosixQueue queue in machine.Kernel.Vfs.PosixQueues.Values) queue.Unlink();
        Assert.Equal(0, machine.Kernel.Vfs.HostBytes);
    }

    private static TestTask NewTask(SyscallMachine machine, uint uid, List<TestTask> tasks)
    {
        TestTask task = machine.NewTask(uid, uid);
        const ulong ignore = 1;
        task.Task.Handlers!.Change(Signal.SIGPIPE).Handler = task.Task.Handlers.Change(Signal.SIGXFSZ).Handler = ignore;
        if (tasks.Count > 1)
        {
            // It has what the other had.
            Kennel.Files.FileTable files = tasks[^1].Task.Files!;
            task.Task.Files!.Release();
            task.Task.Files = files.Clone();
        }
        tasks.Add(task);
        return task;
    }

    private static ulong Plausible(Random random, TestTask task, SyscallParameter parameter)
    {
        Type type = parameter.Type;
        if (type == typeof(Fd)) return random.Next(6) == 0 ? unchecked((ulong)-100L) : (ulong)random.Next(20);
        if (type == typeof(Kennel.Memory.UserString)) return task.Put(System.Text.Encoding.Latin1.GetBytes(Paths[random.Next(Paths.Length)] + "\0"));
        if (type.Name.StartsWith("UserPtr", StringComparison.Ordinal))
        {
            return random.Next(3) switch { 0 => 0, 1 => task.Room(200), _ => Structured(random, task) };
        }
        return parameter.Name switch
        {
            "family" => 1,
            "type" => (ulong)new[] { 1, 2, 5 }[random.Next(3)] | (ulong)(random.Next(2) * 0x800),
            "protocol" => 0,
            "level" => 1,
            _ when type.IsEnum => (ulong)(random.Next(3) == 0 ? 1 << random.Next(24) : random.Next(4)),
            _ => (ulong)random.Next(random.Next(2) == 0 ? 4 : 120),
        };
    }

    private static ulong Wild(Random random, TestTask task) => random.Next(9) switch
    {
        0 => 0,
        1 => (ulong)random.Next(12),
        2 => unchecked((ulong)(long)random.Next(-3, 0)),
        3 => TestTask.BadAddress + (ulong)random.Next(5000),
        4 => 1UL << random.Next(64),
        5 => task.Room(64) + (ulong)random.Next(16),
        6 => Structured(random, task),
        7 => (ulong)random.NextInt64(),
        _ => (ulong)random.Next(5000),
    };

    // Something that may pass for an iovec, a msghdr, an address or a time.
    private static ulong Structured(Random random, TestTask task)
    {
        var words = new ulong[16];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = random.Next(4) switch
            {
                0 => task.Room(32),
                1 => (ulong)random.Next(40),
                2 => 0,
                _ => (1UL << random.Next(40)) - 1,
            };
        }
        if (random.Next(3) == 0) words[0] = 0x0061_0000_0001; // sockaddr_un of an abstract name
        if (random.Next(3) == 0) words[0] = 0x612f_0001; // and of the path /a
        return task.Put<ulong>(words);
    }
}
