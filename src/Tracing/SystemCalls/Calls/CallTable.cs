namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>All system calls, by number: the lists of the families put together.</summary>
internal static class CallTable
{
    private static readonly CallShape?[] ByNumber = Index(
        new[] { FileCalls.All, PathCalls.All, MemoryCalls.All, ProcessCalls.All, IdentityCalls.All, SignalCalls.All, TimeCalls.All, SocketCalls.All, SystemCalls.All, PollCalls.All }
            .SelectMany(static family => family));

    /// <summary>All calls.</summary>
    public static IReadOnlyCollection<CallShape> All { get; } = [.. ByNumber.OfType<CallShape>()];

    /// <summary>A call; one without a name is written as strace does: <c>syscall_0x1ff(...)</c>.</summary>
    public static CallShape Find(int number) => ((uint)number < (uint)ByNumber.Length ? ByNumber[number] : null) ?? new CallShape(number, $"syscall_0x{number:x}", CallClass.None,
        Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex, Arguments.Plain.Hex);

    private static CallShape?[] Index(IEnumerable<CallShape> calls)
    {
        CallShape[] all = [.. calls];
        var result = new CallShape?[all.Max(static c => c.Number) + 1];
        foreach (CallShape call in all) result[call.Number] = call;
        return result;
    }
}
