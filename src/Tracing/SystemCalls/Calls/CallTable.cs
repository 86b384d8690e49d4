namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>All system calls, by number: the lists of the families put together.</summary>
internal static class CallTable
{
    private static readonly Dictionary<int, CallShape> ByNumber =
        new[] { FileCalls.All, PathCalls.All, MemoryCalls.All, ProcessCalls.All, IdentityCalls.All, SignalCalls.All, TimeCalls.All, SocketCalls.All, SystemCalls.All, PollCalls.All }
            .SelectMany(static family => family).ToDictionary(static c => c.Number);

    /// <summary>All calls.</summary>
    public static IReadOnlyCollection<CallShape> All => ByNumber.Values;

    /// <summary>A call; one without a name is written as strace does: <c>syscall_0x1ff(...)</c>.</summary>
    public static CallShape Find(int number) => ByNumber.GetValueOrDefault(number) ?? new CallShape(number, $"syscall_0x{number:x}", CallClass.None,
        Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex);
}
