using Kennel.Probes;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>The kernel's objects as scripts see them. What the structures are made of is in the files beside, a line for each field.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed partial class KernelModel(Kernel kernel) : IKernelModel
{
    private readonly ObjectHandles _handles = new();
    private readonly Parts _parts = new();
    private readonly NamedPart _segvnOps = new("segvn", null);
    private Dictionary<string, KernelStruct>? _structs;
    private Dictionary<string, KernelVariable>? _variables;
    private IReadOnlyList<SyscallShape>? _syscalls;

    /// <inheritdoc/>
    public IReadOnlyCollection<KernelStruct> Structs => All.Values;

    /// <inheritdoc/>
    public IReadOnlyList<KernelFunction> Functions => kernel.Functions.All;

    /// <inheritdoc/>
    public IReadOnlyList<SyscallShape> Syscalls => _syscalls ??= DescribeSyscalls();

    /// <inheritdoc/>
    public string NameOfSyscall(int number) => SyscallTable.NameOf(number);

    /// <inheritdoc/>
    public IEnumerable<ITracedTask> Tasks => kernel.Tasks.Processes.SelectMany(static p => p.Group.Threads);

    /// <inheritdoc/>
    public ITracedTask Idle => kernel.Tasks.Idle;

    /// <inheritdoc/>
    public KernelStruct? FindStruct(string name) => All.GetValueOrDefault(name);

    /// <inheritdoc/>
    public ulong AddressOf(object? item) => item == null ? 0 : _handles.AddressOf(item);

    /// <inheritdoc/>
    public object? ObjectAt(ulong address, out int offset) => _handles.ObjectAt(address, out offset);

    /// <inheritdoc/>
    public KernelVariable? FindVariable(string name) => (_variables ??= MakeVariables()).GetValueOrDefault(name);

    /// <inheritdoc/>
    public KernelFunction? FindFunction(ulong address) => kernel.Functions.At(address);

    /// <inheritdoc/>
    public IDisposable? KeepStacks() => new StackKeeper(kernel);

    /// <inheritdoc/>
    public ITracedTask? FindTask(int threadId) => threadId == 0 ? kernel.Tasks.Idle : kernel.Tasks.Find(new Abi.Pid(threadId));

    private Dictionary<string, KernelStruct> All => _structs ??= MakeStructs();

    private Dictionary<string, KernelStruct> MakeStructs()
    {
        var memory = new LinuxMemoryViews(kernel, _parts);
        IEnumerable<IView> linux = [.. new LinuxTaskViews(_parts).All(), .. new LinuxFileViews(_parts).All(), .. memory.All(), .. LayoutViews.All()];
        IEnumerable<IView> solaris = [.. new SolarisProcessViews(_parts).All(), .. new ProcInfoViews(_parts).All(), .. new SolarisFileViews(memory, _parts, _segvnOps).All()];
        return linux.Select(static v => v.Describe("linux")).Concat(solaris.Select(static v => v.Describe("solaris"))).ToDictionary(static s => s.Name);
    }

    private Dictionary<string, KernelVariable> MakeVariables() => KernelVariables.All(kernel, _parts, _segvnOps).ToDictionary(static v => v.Name);

    private sealed class StackKeeper : IDisposable
    {
        private Kernel? _kernel;

        public StackKeeper(Kernel kernel)
        {
            _kernel = kernel;
            kernel.KeepStacks(true);
        }

        public void Dispose()
        {
            _kernel?.KeepStacks(false);
            _kernel = null;
        }
    }

    // A call that no manual page here declares shows its arguments as this kernel names them.
    private static IReadOnlyList<SyscallShape> DescribeSyscalls()
    {
        Dictionary<string, IReadOnlyList<ParameterShape>> known = SyscallPrototypes.Parse();
        return
        [
            .. SyscallTable.All.Select(c => new SyscallShape(
                c.Number, c.Name, known.TryGetValue(c.Name, out var parameters) ? parameters : [.. c.Parameters.Select(static p => new ParameterShape(p.Name, "unsigned long"))])),
        ];
    }
}
