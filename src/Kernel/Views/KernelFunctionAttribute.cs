namespace Kennel.Views;

/// <summary>
/// Lets scripts watch a method under the name of its counterpart in Linux (or Solaris). Calls of it in this project go over an interceptor that
/// gen/KernelFunctionGenerator.cs makes; while nobody watches any function, that costs the test of one field.
/// </summary>
/// <param name="file">The counterpart's source file: kernel/exit.c.</param>
/// <param name="prototype">
/// Its prototype, "void do_exit(long code)". A parameter's value is the method's parameter of the same name, or the C# expression behind "=":
/// "struct task_struct *p = this".
/// </param>
/// <remarks>A method may have several names; the first one stands in stack traces. Methods must be visible in all of the project.</remarks>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class KernelFunctionAttribute(string file, string prototype) : Attribute
{
    public string File => file;

    public string Prototype => prototype;

    /// <summary>The C# expression of what it returns, over <c>returned</c> and the parameters; the method's result by default.</summary>
    public string? Result { get; init; }

    /// <summary>Whether it does not come back where the counterpart is: its return is not told.</summary>
    public bool NeverReturns { get; init; }
}
