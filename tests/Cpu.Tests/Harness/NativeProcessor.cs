using System.Diagnostics;
using System.Runtime.InteropServices;
using Kennel.Cpu.Tests.Harness;

[assembly: AssemblyFixture(typeof(NativeProcessor))]

namespace Kennel.Cpu.Tests.Harness;

/// <summary>The host's processor, reached through native.c, which is compiled once for all tests.</summary>
public sealed class NativeProcessor : IDisposable
{
    private readonly HostProgram _program = new("Harness", "native.c");

    /// <summary>Runs all vectors and answers their outcomes.</summary>
    public Outcome[] Run(ReadOnlySpan<Vector> vectors)
    {
        string name = Path.Combine(_program.Directory, Guid.NewGuid().ToString("N"));
        using (FileStream input = File.Create(name + ".in")) input.Write(MemoryMarshal.AsBytes(vectors));
        using (Process process = Process.Start(_program.Path, [name + ".in", name + ".out"]))
        {
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
        var outcomes = new Outcome[vectors.Length];
        using (FileStream output = File.OpenRead(name + ".out")) output.ReadExactly(MemoryMarshal.AsBytes(outcomes.AsSpan()));
        File.Delete(name + ".in");
        File.Delete(name + ".out");
        return outcomes;
    }

    public void Dispose() => _program.Dispose();
}
