using Kennel.Abi;
using Kennel.Files;
using Kennel.Namespaces;

namespace Kennel.Tests.Files;

public sealed class LockTests : IDisposable
{
    private const short Read = 0, Write = 1, None = 2;
    private const int Get = 5, Set = 6, SetWait = 7, OfdGet = 36, OfdSet = 37;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _one, _two;

    public LockTests()
    {
        _one = _machine.NewTask();
        _two = _machine.NewTask();
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void WritersExclude()
    {
        (int a, int b) = Open("/f");
        Lock(_one, a, Write, 0, 10);
        Assert.Equal(Errno.EAGAIN, TryLock(_two, b, Read, 5, 1));
        Assert.Equal(Errno.None, TryLock(_two, b, Write, 10, 5));
        Assert.Equal((Write, 0L, 10L, _one.Pid), Query(_two, b, Read, 0, 0));
        Lock(_one, a, None, 2, 3);
        Assert.Equal(Errno.None, TryLock(_two, b, Write, 2, 3));
        Assert.Equal((Write, 0L, 2L, _one.Pid), Query(_two, b, Read, 0, 0));
    }

    [Fact]
    public void AWaiterGetsIt()
    {
        (int a, int b) = Open("/f");
        Lock(_one, a, Write, 0, 0);
        PendingCall waiting = _two.Start("fcntl", b, SetWait, Value(_two, Write, 0, 0));
        _machine.RunUntilIdle();
        Assert.False(waiting.IsCompleted);
        Lock(_one, a, None, 0, 0);
        _machine.RunUntilIdle();
        Assert.Equal(0, waiting.Value);
    }

    [Fact]
    public void ACircleIsADeadlock()
    {
        (int a, int b) = Open("/f");
        Lock(_one, a, Write, 0, 1);
        Lock(_two, b, Write, 1, 1);
        PendingCall waiting = _one.Start("fcntl", a, SetWait, Value(_one, Write, 1, 1));
        _machine.RunUntilIdle();
        _two.Fails(Errno.EDEADLK, "fcntl", b, SetWait, Value(_two, Write, 0, 1));
        Lock(_two, b, None, 1, 1);
        _machine.RunUntilIdle();
        Assert.Equal(0, waiting.Value);
    }

    [Fact]
    public void ClosingAnyDescriptorDropsPosixLocks()
    {
        (int a, int b) = Open("/f");
        int again = _one.Open("/f");
        Lock(_one, a, Write, 0, 0);
        _one.Ok("close", again);
        Assert.Equal(Errno.None, TryLock(_two, b, Write, 0, 0));
    }

    [Fact]
    public void OfdLocksBelongToTheOpenFile()
    {
        (int a, int b) = Open("/f");
        _one.Ok("fcntl", a, OfdSet, Value(_one, Write, 0, 0));
        int again = _one.Open("/f", OpenFlags.ReadWrite);
        _one.Fails(Errno.EAGAIN, "fcntl", again, OfdSet, Value(_one, Write, 0, 0));
        Assert.Equal(-1, Query(_two, b, Write, 0, 0, OfdGet).Pid);
        int copy = (int)_one.Ok("dup", a);
        _one.Ok("close", a);
        Assert.Equal(Errno.EAGAIN, TryLock(_two, b, Write, 0, 0));
        _one.Ok("close", copy);
        Assert.Equal(Errno.None, TryLock(_two, b, Write, 0, 0));
    }

    [Fact]
    public void Flock()
    {
        (int a, int b) = Open("/f");
        _one.Ok("flock", a, 1);
        _two.Ok("flock", b, 1);
        _two.Fails(Errno.EAGAIN, "flock", b, 2 | 4); // and loses its shared lock, as on Linux
        _one.Ok("flock", a, 2);
        PendingCall waiting = _two.Start("flock", b, 1);
        _machine.RunUntilIdle();
        Assert.False(waiting.IsCompleted);
        _one.Ok("close", a);
        _machine.RunUntilIdle();
        Assert.Equal(0, waiting.Value);
        _two.Fails(Errno.EINVAL, "flock", b, 3);
    }

    [Fact]
    public void Refusals()
    {
        (int a, _) = Open("/f");
        int readOnly = _one.Open("/f");
        _one.Fails(Errno.EBADF, "fcntl", readOnly, Set, Value(_one, Write, 0, 1));
        _one.Fails(Errno.EINVAL, "fcntl", a, Set, Value(_one, Write, -1, 1));
        _one.Fails(Errno.EINVAL, "fcntl", a, Set, Value(_one, 7, 0, 1));
        _one.Fails(Errno.EFAULT, "fcntl", a, Set, TestTask.BadAddress);
        Lock(_one, a, Write, 10, -5);
        Assert.Equal((Write, 5L, 5L, _one.Pid), Query(_two, _two.Open("/f"), Read, 0, 0));
    }

    /// <summary>Against a model: an array of bytes, each with a reader or writer per owner.</summary>
    [Fact]
    public void RangesEqualAModel()
    {
        const int size = 24;
        var random = new Random(11);
        var list = new FileLockList();
        var holder = new PidNumbers(new PidNamespace(null), [1]);
        object[] owners = ["a", "b", "c"];
        var model = new int[owners.Length, size]; // 0 none, 1 read, 2 write
        for (int step = 0; step < 5000; step++)
        {
            int owner = random.Next(owners.Length), start = random.Next(size), end = random.Next(start, size), kind = random.Next(3);
            bool conflict = false;
            for (int o = 0; o < owners.Length; o++)
            {
                for (int i = start; i <= end; i++) conflict |= o != owner && kind != 0 && model[o, i] != 0 && (kind == 2 || model[o, i] == 2);
            }
            var wanted = new FileLock(owners[owner], kind == 2, start, end, holder);
            if (kind == 0) list.Clear(owners[owner], start, end);
            else Assert.Equal(conflict, list.FindConflict(wanted) != null);
            if (conflict) continue;
            if (kind != 0) list.Set(wanted);
            for (int i = start; i <= end; i++) model[owner, i] = kind;
        }
        for (int o = 0; o < owners.Length; o++)
        {
            for (int i = 0; i < size; i++)
            {
                FileLock? held = list.Ranges.SingleOrDefault(l => l.Owner == owners[o] && l.Start <= i && l.End >= i);
                Assert.Equal(model[o, i], held == null ? 0 : held.IsExclusive ? 2 : 1);
            }
        }
    }

    private (int, int) Open(string path) =>
        (_one.Open(path, OpenFlags.Create | OpenFlags.ReadWrite), _two.Open(path, OpenFlags.ReadWrite));

    private static ulong Value(TestTask task, short type, long start, long length) =>
        task.Put(new FileLockStruct { Type = type, Start = start, Length = length });

    private static void Lock(TestTask task, int fd, short type, long start, long length) => Assert.Equal(Errno.None, TryLock(task, fd, type, start, length));

    private static Errno TryLock(TestTask task, int fd, short type, long start, long length)
    {
        long result = task.Call("fcntl", fd, Set, Value(task, type, start, length));
        return result < 0 ? (Errno)(-result) : Errno.None;
    }

    private static (short Type, long Start, long Length, int Pid) Query(TestTask task, int fd, short type, long start, long length, int command = Get)
    {
        ulong value = Value(task, type, start, length);
        task.Ok("fcntl", fd, command, value);
        FileLockStruct found = task.Get<FileLockStruct>(value);
        return (found.Type, found.Start, found.Length, found.Pid);
    }
}
