namespace Kennel.Probes;

/// <summary>
/// The kernel's objects as C structures, for scripts that walk them. Two sets of descriptors, Linux' and Solaris', lie over the
/// same objects; each structure is a list of fields, and a field is one line there. Valid inside the kernel lock.
/// </summary>
/// <remarks>
/// A pointer is the address of an object: its handle. Which fields it has follows from the pointer's C type alone, so that
/// <c>(struct task_struct *)curthread</c> works, and a structure that C embeds (<c>p-&gt;p_user</c>) is just another object or another view of
/// the same one. An array is a <see cref="KernelArray"/>; element i lies at its address + i * the size of an element.
/// </remarks>
public interface IKernelModel
{
    /// <summary>A structure by its C name, without "struct": task_struct, proc_t.</summary>
    KernelStruct? FindStruct(string name);

    /// <summary>All structures.</summary>
    IReadOnlyCollection<KernelStruct> Structs { get; }

    /// <summary>The address of an object; 0 for null. The same object has the same address as long as anything holds it.</summary>
    ulong AddressOf(object? item);

    /// <summary>The object whose handle an address lies in, and how far; null for an address that was never given out, or whose object is gone.</summary>
    object? ObjectAt(ulong address, out int offset);

    /// <summary>A kernel variable: nsec_per_tick, jiffies, init_task.</summary>
    KernelVariable? FindVariable(string name);

    /// <summary>All functions that can be watched.</summary>
    IReadOnlyList<KernelFunction> Functions { get; }

    /// <summary>
    /// Has the kernel note which functions each task is in, which <see cref="ITracedTask.KernelStack"/> needs. Watching any function does so, too. Dispose
    /// to end it; null where there is nothing to keep.
    /// </summary>
    IDisposable? KeepStacks() => null;

    /// <summary>The function that an address of <see cref="ITracedTask.KernelStack"/> lies in.</summary>
    KernelFunction? FindFunction(ulong address);

    /// <summary>All system calls, by number.</summary>
    IReadOnlyList<SyscallShape> Syscalls { get; }

    /// <summary>A system call's name, without the cost of looking at all of them; syscall_0x1f4 when there is none of that number.</summary>
    string NameOfSyscall(int number) => Syscalls.FirstOrDefault(s => s.Number == number)?.Name ?? $"syscall_0x{number:x}";

    /// <summary>All tasks, in the order of their making.</summary>
    IEnumerable<ITracedTask> Tasks { get; }

    /// <summary>A task by its global thread id.</summary>
    ITracedTask? FindTask(int threadId);

    /// <summary>The idle task.</summary>
    ITracedTask Idle { get; }
}

/// <summary>A structure's descriptor.</summary>
/// <param name="Name">Its C name, without "struct".</param>
/// <param name="IsTypedef">Whether C code names it without "struct" (proc_t).</param>
/// <param name="View">The view that it belongs to: "linux" or "solaris".</param>
/// <param name="Fields">Its fields, in the order of their offsets.</param>
/// <remarks>Offsets follow from the order and the C types, by C's rules; nothing but scripts sees them.</remarks>
public sealed record KernelStruct(string Name, bool IsTypedef, string View, IReadOnlyList<KernelField> Fields);

/// <summary>A field's descriptor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its C type as an abstract declarator: "int", "char[16]", "struct mm_struct *", "user_t" (embedded).</param>
/// <param name="Read">
/// Reads it from an object. The result's <see cref="FieldValue.Number"/> holds numbers and user-space addresses; its
/// <see cref="FieldValue.Object"/> holds a string for character arrays and kernel strings, and the object for pointers to and embedded structures.
/// An object of another type gives null: the pointer was no pointer to this structure.
/// </param>
public sealed record KernelField(string Name, string Type, Func<object, FieldValue?> Read);

/// <summary>A field's value: a number, or a string or kernel object.</summary>
public readonly record struct FieldValue(long Number, object? Object)
{
    public static implicit operator FieldValue(long number) => new(number, null);

    /// <summary>A string or a kernel object; null is a null pointer.</summary>
    public static FieldValue Of(object? item) => new(0, item);
}

/// <summary>An array of kernel objects or numbers that scripts index.</summary>
/// <param name="ElementType">The elements' C type.</param>
/// <param name="Count">How many.</param>
/// <param name="Read">Reads one.</param>
public sealed record KernelArray(string ElementType, int Count, Func<int, FieldValue> Read);

/// <summary>A kernel variable.</summary>
public sealed record KernelVariable(string Name, string Type, Func<FieldValue> Read);

/// <summary>A system call as tracing shows it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Names and C types of its arguments, as its manual page has them.</param>
public sealed record SyscallShape(int Number, string Name, IReadOnlyList<ParameterShape> Parameters);

/// <summary>An argument's name and C type.</summary>
public readonly record struct ParameterShape(string Name, string Type);

/// <summary>A function of the kernel that can be watched, under its name in Linux.</summary>
/// <param name="Id">Its number, from 0.</param>
/// <param name="Name">Its name in Linux: do_exit.</param>
/// <param name="File">The source file there: kernel/exit.c.</param>
/// <param name="ReturnType">The C type of its result.</param>
/// <param name="Parameters">Its parameters.</param>
public sealed record KernelFunction(int Id, string Name, string File, string ReturnType, IReadOnlyList<ParameterShape> Parameters)
{
    /// <summary>Told when watchers come or go.</summary>
    public Action Changed
    {
        init => (Entry.Changed, Return.Changed) = (value, value);
    }

    /// <summary>Told of a watcher that threw.</summary>
    public Action<Exception> Failed
    {
        init => (Entry.Failed, Return.Failed) = (value, value);
    }

    /// <summary>Fires <see cref="EventKind.FunctionEntered"/>.</summary>
    public Probe Entry { get; } = new(EventKind.FunctionEntered);

    /// <summary>Fires <see cref="EventKind.FunctionReturned"/>.</summary>
    public Probe Return { get; } = new(EventKind.FunctionReturned);
}
