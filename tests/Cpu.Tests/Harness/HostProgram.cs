using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>A C program that asks the host's processor, compiled once for all tests; where it cannot be, they are skipped.</summary>
internal sealed class HostProgram : IDisposable
{
    private readonly DirectoryInfo? _directory;
    private readonly string _missing = "";

    /// <param name="source">The source's path among the tests' files.</param>
    public HostProgram(params string[] source)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !OperatingSystem.IsLinux())
        {
            _missing = "needs an x64 Linux host";
            return;
        }
        _directory = System.IO.Directory.CreateTempSubdirectory("kennel-host-");
        try
        {
            using Process gcc = Process.Start("gcc", ["-O2", "-o", System.IO.Path.Combine(_directory.FullName, "program"), System.IO.Path.Combine([AppContext.BaseDirectory, .. source])]);
            gcc.WaitForExit();
            Assert.Equal(0, gcc.ExitCode);
        }
        catch (Win32Exception)
        {
            _missing = "needs gcc";
        }
    }

    /// <summary>Where it lies; files for it may lie there as well.</summary>
    public string Directory
    {
        get
        {
            Assert.SkipUnless(_missing.Length == 0, _missing);
            return _directory!.FullName;
        }
    }

    public string Path => System.IO.Path.Combine(Directory, "program");

    public void Dispose() => _directory?.Delete(recursive: true);
}
