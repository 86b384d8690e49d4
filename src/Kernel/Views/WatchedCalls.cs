using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Probes;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>
/// Calls of watched functions: tells watchers of them, and keeps the stack of each task. Generated code calls it
/// (<see cref="KernelFunctionAttribute"/>).
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class WatchedCalls(Kernel kernel, IReadOnlyList<KernelFunction> functions)
{
    /// <summary>Whether the calls of a function are told to anybody.</summary>
    public bool IsOn(int id) => functions[id].Entry.IsEnabled || functions[id].Return.IsEnabled;

    /// <summary>A function begins. Its arguments are null when nobody watches it: it is on the stack then, and nothing else.</summary>
    public void Enter(int id, object?[]? arguments, bool isAlias)
    {
        if (!isAlias) (kernel.Current ?? kernel.Tasks.Idle).KernelCalls.Push(id);
        if (arguments == null || !functions[id].Entry.IsEnabled) return;
        KernelEvent record = kernel.NewRecord(EventKind.FunctionEntered);
        record.Number = id;
        record.Data = arguments;
        functions[id].Entry.Fire(record);
    }

    /// <summary>It returns.</summary>
    public void Leave(int id, object?[] arguments, long result, object? pointed)
    {
        if (!functions[id].Return.IsEnabled) return;
        KernelEvent record = kernel.NewRecord(EventKind.FunctionReturned);
        record.Number = id;
        record.Data = arguments;
        record.Result = result;
        record.Object = pointed;
        functions[id].Return.Fire(record);
    }

    /// <summary>It is off the stack, however it ended, with all that it has called.</summary>
    public void Pop(int id)
    {
        Stack<int> stack = (kernel.Current ?? kernel.Tasks.Idle).KernelCalls;
        if (!stack.Contains(id)) return; // nobody watched when it began
        while (stack.TryPop(out int top) && top != id)
        {
        }
    }

    /// <summary>A task gives its processor away: schedule(), which no one call here stands for.</summary>
    public void EnterSchedule() => Enter(kernel.Functions.Schedule, [], isAlias: false);

    /// <summary>It has it back.</summary>
    public void LeaveSchedule()
    {
        Leave(kernel.Functions.Schedule, [], 0, null);
        Pop(kernel.Functions.Schedule);
    }

    /// <summary>FAULT_FLAG_* of an access (include/linux/mm_types.h).</summary>
    public static ulong FaultFlags(PageAccess access, bool fromUser) => AddressSpace.FaultFlags(access, fromUser);

    /// <summary>enum seg_rw (vm/seg_enum.h): S_READ 1, S_WRITE 2, S_EXEC 3.</summary>
    public static long SegmentAccess(PageAccess access) => (access & PageAccess.Write) != 0 ? 2 : (access & PageAccess.Execute) != 0 ? 3 : 1;

    // Arguments and results as records carry them: numbers as long, everything else as the object.

    public static object? Argument(object? value) => value;

    public static object? Argument(long value) => value;

    public static object? Argument(ulong value) => unchecked((long)value);

    public static object? Argument(bool value) => value ? 1L : 0L;

    public static object? Argument(Fd fd) => (long)fd.Value;

    public static object? Argument(UserString text) => unchecked((long)text.Address);

    public static object? Argument(VfsPath place) => place.Dentry;

    public static object? Argument<T>(T value) where T : struct, Enum => Value(value);

    public static long Value(long value) => value;

    public static long Value(ulong value) => unchecked((long)value);

    public static long Value(bool value) => value ? 1 : 0;

    public static long Value(Errno error) => -(long)error;

    public static long Value(SyscallResult result) => result.Value;

    public static long Value((Errno Error, OpenFile? File) opened) => -(long)opened.Error;

    public static long Value(FaultResult result) => result switch
    {
        FaultResult.Handled => 0,
        FaultResult.OutOfMemory => 1,
        FaultResult.BehindFile => 2,
        _ => 64,
    };

    public static long Value(object? value) => 0;

    public static long Value<T>(T value) where T : struct, Enum => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
}
