using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Kennel.Cpu.Translator;
using Microsoft.Win32.SafeHandles;

namespace Kennel;

/// <summary>
/// The file that keeps a sandbox's translated code for later ones: read when the sandbox is made, and written when it ends if there is enough
/// that is new.
/// </summary>
/// <remarks>
/// What is in it will run in this process, outside of any sandbox. So it is nobody else's to write to, and lies nowhere that the guest can write.
/// Without a seed only: then code is made that does not count.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static partial class CodeCacheFile
{
    /// <summary>Names the file of sandboxes whose options name none, for all of a test run as well.</summary>
    public const string Variable = "KENNEL_CODE_CACHE";

    private const string None = "none";

    private const int CloseOnExec = 0x80000;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file that options or the environment name; null for none.</summary>
    public static string? PathOf(SandboxOptions options)
    {
        string? path = options.CodeCache ?? Environment.GetEnvironmentVariable(Variable);
        return path is null or "" or None || options.Seed != null ? null : Path.GetFullPath(path);
    }

    /// <summary>Has the machine's engine take what the file has. It may be absent, or of another build.</summary>
    public static void Load(string path, SandboxOptions options, Kernel kernel)
    {
        if (kernel.Engine is not TranslatorEngine engine || !File.Exists(path)) return;
        if (Refusal(path, options) is { } reason)
        {
            kernel.Log.Write($"code cache {path} not used: {reason}");
            return;
        }
        try
        {
            using var file = new SafeFileHandle(Open(path, CloseOnExec), ownsHandle: true);
            if (file.IsInvalid) kernel.Log.Write($"code cache {path} not used: {Marshal.GetLastPInvokeErrorMessage()}");
            else if (!IsOwn(file)) kernel.Log.Write($"code cache {path} not used: others can write to it");
            else engine.ReadCode(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            kernel.Log.Write($"code cache {path} not used: {e.Message}");
        }
    }

    /// <summary>Writes the file, if that is worth it. Nothing runs any more.</summary>
    public static void Save(string path, SandboxOptions options, Kernel kernel)
    {
        if (kernel.Engine is not TranslatorEngine { IsWorthKeeping: true } engine || Refusal(path, options) != null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            if (engine.IsTooMuchToKeep) File.Delete(path);
            else Write(path, engine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            kernel.Log.Write($"code cache {path} not written: {e.Message}");
        }
    }

    // Others may read the old file meanwhile, or write a new one themselves.
    private static void Write(string path, TranslatorEngine engine)
    {
        string temporary = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():n}";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0 }))
            {
                engine.WriteCode(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static string? Refusal(string path, SandboxOptions options)
    {
        string place = RealPath(path);
        foreach (SandboxMount mount in options.Mounts)
        {
            if (mount.Mode != SandboxMountMode.ReadWrite) continue;
            string open = RealPath(Path.GetFullPath(mount.HostPath));
            if (place == open || place.StartsWith(open.TrimEnd('/') + "/", StringComparison.Ordinal)) return $"the guest can write to {mount.HostPath}";
        }
        return null;
    }

    // Without symbolic links, as far as it exists.
    private static unsafe string RealPath(string path)
    {
        byte* found = ResolvePath(path, null);
        if (found == null) return Path.GetDirectoryName(path) is { } parent ? Path.Combine(RealPath(parent), Path.GetFileName(path)) : path;
        string result = Marshal.PtrToStringUTF8((nint)found)!;
        NativeMemory.Free(found);
        return result;
    }

    private static bool IsOwn(SafeFileHandle file)
    {
        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        return (File.GetUnixFileMode(file) & others) == 0 && HostUser.Owns(file);
    }

    // The framework's own way needs more code, which is compiled at run time.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial byte* ResolvePath(string path, byte* buffer);
}
