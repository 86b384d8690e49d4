using Kennel.Tracing.SystemCalls.Arguments;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Users, groups and capabilities.</summary>
internal static class IdentityCalls
{
    public static readonly CallShape[] All =
    [
        new(102, "getuid", Creds | Pure),
        new(104, "getgid", Creds | Pure),
        new(105, "setuid", Creds, Id),
        new(106, "setgid", Creds, Id),
        new(107, "geteuid", Creds | Pure),
        new(108, "getegid", Creds | Pure),
        new(113, "setreuid", Creds, Id, Id),
        new(114, "setregid", Creds, Id, Id),
        new(115, "getgroups", Creds, Int, Groups(atExit: true)),
        new(116, "setgroups", Creds, Int, Groups(atExit: false)),
        new(117, "setresuid", Creds, Id, Id, Id),
        new(118, "getresuid", Creds, OutUInt, OutUInt, OutUInt),
        new(119, "setresgid", Creds, Id, Id, Id),
        new(120, "getresgid", Creds, OutUInt, OutUInt, OutUInt),
        new(122, "setfsuid", Creds, Id),
        new(123, "setfsgid", Creds, Id),
        new(125, "capget", Creds, ProcessArgs.CapabilityHeader, ProcessArgs.OutCapabilities),
        new(126, "capset", Creds, ProcessArgs.CapabilityHeader, ProcessArgs.InCapabilities),
    ];

    private static Arg Groups(bool atExit) => new(static (p, v) =>
    {
        ulong count = p.Exiting ? (ulong)Math.Max(0, p.Result) : (uint)p.A[0];
        if (p.Failed) p.Address(v);
        else if (v != 0 && (count == 0 || p.A[0] == 0)) p.Text("[]");
        else p.Array(v, count, 4, static (p, r) => p.UInt(r.U32(0)));
    }, atExit);
}
