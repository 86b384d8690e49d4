namespace Kennel.Tracing.D.Runtime;

/// <summary>Why a clause ended early; the numbers are those that ERROR's arg4 has.</summary>
internal enum DFaultCode
{
    BadAddress = 1,
    BadAlignment = 2,
    IllegalOperation = 3,
    DivideByZero = 4,
    NoScratch = 5,
    KernelPrivilege = 6,
    UserPrivilege = 7,
    TupleOverflow = 8,
    BadStack = 9,
    BadIndex = 10,
}

/// <summary>A fault in a script: ends the clause that did it.</summary>
internal sealed class DFault(DFaultCode code, ulong address = 0) : Exception
{
    public DFaultCode Code { get; } = code;

    public ulong Address { get; } = address;

    public string Text => Code switch
    {
        DFaultCode.BadAddress => "invalid address",
        DFaultCode.BadAlignment => "invalid alignment",
        DFaultCode.IllegalOperation => "illegal operation",
        DFaultCode.DivideByZero => "divide-by-zero",
        DFaultCode.NoScratch => "out of scratch space",
        DFaultCode.KernelPrivilege => "invalid kernel access",
        DFaultCode.UserPrivilege => "invalid user access",
        DFaultCode.BadIndex => "index out of bounds",
        DFaultCode.TupleOverflow => "tuple stack overflow",
        _ => "bad stack",
    };

    /// <summary>Whether the message shows the address.</summary>
    public bool HasAddress => Code is DFaultCode.BadAddress or DFaultCode.BadAlignment or DFaultCode.UserPrivilege or DFaultCode.KernelPrivilege;
}
