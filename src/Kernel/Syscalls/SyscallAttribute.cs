namespace Kennel.Syscalls;

/// <summary>
/// Makes a static method a system call. The generator builds the dispatch table, the argument decoding and
/// <c>docs/syscalls.md</c> from it. The first parameter is the calling task; up to six typed arguments follow.
/// </summary>
/// <param name="number">The number on x86-64.</param>
/// <param name="name">The name that man 2 knows.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SyscallAttribute(int number, string name) : Attribute
{
    public int Number => number;

    public string Name => name;
}
