using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Tests;

/// <summary>A task that a test makes system calls with, and some memory for their arguments.</summary>
internal sealed class TestTask
{
    /// <summary>Where nothing is mapped.</summary>
    public const ulong BadAddress = 0xdead_0000_000;

    private const ulong ArenaStart = 0x10000, ArenaSize = 1 << 20;

    private readonly SyscallMachine _machine;
    private ulong _next = ArenaStart;

    public TestTask(SyscallMachine machine, LinuxTask task)
    {
        _machine = machine;
        Task = task;
        const MapFlags flags = MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_FIXED | MapFlags.MAP_POPULATE;
        Errno e = task.Memory!.Map(ArenaStart, ArenaSize, PageAccess.Read | PageAccess.Write, flags, null, 0, out _);
        Assert.Equal(Errno.None, e);
    }

    public LinuxTask Task { get; }

    public int Pid => Task.Id.Value;

    /// <summary>Begins a call; it may sleep.</summary>
    public PendingCall Start(string name, params object[] arguments)
    {
        var raw = new ulong[6];
        for (int i = 0; i < arguments.Length; i++) raw[i] = Raw(arguments[i]);
        int number = SyscallTable.All.Single(s => s.Name == name).Number;
        return new PendingCall(SyscallTable.Dispatch(Task, number, raw[0], raw[1], raw[2], raw[3], raw[4], raw[5]));
    }

    /// <summary>Makes a call that must not sleep for ever; answers the value or the negated error.</summary>
    public long Call(string name, params object[] arguments)
    {
        PendingCall call = Start(name, arguments);
        if (!call.IsCompleted) _machine.RunUntilIdle();
        Assert.True(call.IsCompleted, $"{name} sleeps");
        return call.Value;
    }

    /// <summary>Makes a call that must succeed.</summary>
    public long Ok(string name, params object[] arguments)
    {
        long result = Call(name, arguments);
        Assert.True(result >= 0, $"{name}: {(Errno)(-result)}");
        return result;
    }

    /// <summary>Makes a call that must fail.</summary>
    public void Fails(Errno expected, string name, params object[] arguments)
    {
        long result = Call(name, arguments);
        Assert.Equal(expected, result < 0 ? (Errno)(-result) : Errno.None);
    }

    /// <summary>Room in guest memory, zeroed.</summary>
    public ulong Room(int bytes)
    {
        ulong at = _next;
        _next += (ulong)((bytes + 15) & ~15);
        if (_next > ArenaStart + ArenaSize)
        {
            (at, _next) = (ArenaStart, ArenaStart + (ulong)((bytes + 15) & ~15)); // old arguments are of no use any more
        }
        Assert.True(Task.Memory!.CopyOut(at, new byte[bytes]));
        return at;
    }

    public ulong Put(ReadOnlySpan<byte> bytes)
    {
        ulong at = Room(bytes.Length);
        Assert.True(Task.Memory!.CopyOut(at, bytes));
        return at;
    }

    public ulong Put<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => Put(MemoryMarshal.AsBytes(values));

    public byte[] Get(ulong address, long count)
    {
        var bytes = new byte[count];
        Assert.True(Task.Memory!.CopyIn(address, bytes));
        return bytes;
    }

    public T Get<T>(ulong address)
        where T : unmanaged => MemoryMarshal.Read<T>(Get(address, Unsafe.SizeOf<T>()));

    public string GetText(ulong address, long count) => Encoding.Latin1.GetString(Get(address, count));

    private ulong Raw(object argument) => argument switch
    {
        string text => Put(Encoding.Latin1.GetBytes(text + "\0")),
        ulong address => address,
        Enum value => (ulong)Convert.ToInt64(value),
        uint value => value,
        long value => (ulong)value,
        int value => (ulong)(long)value,
        _ => throw new ArgumentException(argument.GetType().Name),
    };
}
