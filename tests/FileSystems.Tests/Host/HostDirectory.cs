using Kennel.Abi;
using Kennel.FileSystems.Host;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tests.Host;

/// <summary>A directory of the host for one test, and file systems over it.</summary>
public sealed class HostDirectory : IDisposable
{
    private readonly List<HostFileSystem> _opened = [];
    private readonly Kernel? _own;

    public HostDirectory(Kernel? kernel = null)
    {
        if (kernel == null) kernel = _own = IdleMachine.Create(16 << 20);
        Frames = kernel.Frames;
        Task = kernel.Tasks.Idle;
        Pages = new HostPagePool(kernel);
        Path = Directory.CreateTempSubdirectory("kennel-test-").FullName;
        File.SetUnixFileMode(Path, (UnixFileMode)0x1ed);
    }

    public string Path { get; }

    public FramePool Frames { get; }

    /// <summary>Whoever reads and writes.</summary>
    public LinuxTask Task { get; }

    public HostPagePool Pages { get; }

    public HostFileSystem Open(bool writable = false, bool stable = false, string below = "")
    {
        var options = new HostMountOptions { IsWritable = writable, IsStable = stable };
        Assert.Equal(Errno.None, HostFileSystem.Open(System.IO.Path.Combine(Path, below), options, Pages, out HostFileSystem? fs));
        _opened.Add(fs!);
        return fs!;
    }

    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string Read(string name) => File.ReadAllText(System.IO.Path.Combine(Path, name));

    public void Dispose()
    {
        foreach (HostFileSystem fs in _opened) fs.Dispose();
        Directory.Delete(Path, recursive: true);
        if (_own == null) return;
        Assert.Equal(0, Frames.InUse);
        _own.Dispose();
    }
}
