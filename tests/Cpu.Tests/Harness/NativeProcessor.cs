using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Kennel.Cpu.Tests.Harness;

[assembly: AssemblyFixture(typeof(NativeProcessor))]

namespace Kennel.Cpu.Tests.Harness;

/// <summary>The host's processor, reached through native.c, which is compiled once for all tests.</summary>
public sealed class NativeProcessor : IDisposable
{
    private readonly DirectoryInfo? _directory;
    private readonly string _program = "";
    private readonly string _missing = "";

    public NativeProcessor()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !OperatingSystem.IsLinux())
        {
            _missing = "needs an x64 Linux host";
            return;
        }
        _directory = Directory.CreateTempSubdirectory("kennel-native-");
        _program = Path.Combine(_directory.FullName, "native");
        string source = Path.Combine(AppContext.BaseDirectory, "Harness", "native.c");
        try
        {
            using Process gcc = Process.Start("gcc", ["-O2", "-o", _program, source]);
            gcc.WaitForExit();
            Assert.Equal(0, gcc.ExitCode);
        }
        catch (Win32Exception)
        {
            _missing = "needs gcc";
        }
    }

    /// <summary>Runs all vectors and answers their outcomes.</summary>
    public Outcome[] Run(ReadOnlySpan<Vector> vectors)
    {
        Assert.SkipUnless(_missing.Length == 0, _missing);
        string name = Path.Combine(_directory!.FullName, Guid.NewGuid().ToString("N"));
        using (FileStream input = File.Create(name + ".in")) input.Write(MemoryMarshal.AsBytes(vectors));
        using (Process process = Process.Start(_program, [name + ".in", name + ".out"]))
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

    public void Dispose() => _directory?.Delete(recursive: true);
}
