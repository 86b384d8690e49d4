using System.Security.Cryptography;
using System.Text;

namespace Kennel.Guest.Tests;

/// <summary>Compiles guests with the host's gcc. What has been compiled once is kept under the hash of all that went into it.</summary>
public static class GuestCompiler
{
    private static readonly Lazy<Task<string>> Version = new(() => CompilerVersionAsync());

    /// <summary>The path of the guest's program, compiled now or before.</summary>
    public static async Task<string> CompileAsync(GuestCase guest, CancellationToken cancel)
    {
        bool cpp = guest.SourcePath.EndsWith(".cc", StringComparison.Ordinal);
        string[] standard = guest.Name.StartsWith("nolibc/", StringComparison.Ordinal)
            ? ["-O1", "-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie", "-fcf-protection=none"]
            : ["-O1", cpp ? "-std=gnu++20" : "-std=gnu17", "-I", Path.Combine(GuestSettings.GuestDirectory, "c")];
        string[] options = ["-w", .. standard, .. guest.CompilerOptions];
        string output = Path.Combine(GuestSettings.BuildDirectory, await KeyAsync(guest, options));
        if (File.Exists(output))
            return output;

        Directory.CreateDirectory(GuestSettings.BuildDirectory);
        string unfinished = $"{output}.{Guid.NewGuid():N}";
        string[] libraries = guest.Name.StartsWith("nolibc/", StringComparison.Ordinal) ? [] : ["-lm"];
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            new ProcessRequest(cpp ? "g++" : "gcc", [guest.SourcePath, "-o", unfinished, .. options, .. libraries]),
            TimeSpan.FromMinutes(2), cancel);
        if (outcome.Status != 0)
            Assert.Fail($"{guest.Name} does not compile:\n{Encoding.UTF8.GetString(outcome.Error)}");
        File.Move(unfinished, output, overwrite: true);
        return output;
    }

    private static async Task<string> KeyAsync(GuestCase guest, string[] options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(await Version.Value + string.Join('\0', options)));
        hash.AppendData(await File.ReadAllBytesAsync(guest.SourcePath));
        foreach (string directory in (string[])[Path.Combine(GuestSettings.GuestDirectory, "c"), Path.GetDirectoryName(guest.SourcePath)!])
        {
            foreach (string header in Directory.EnumerateFiles(directory, "*.h").Order(StringComparer.Ordinal))
                hash.AppendData(await File.ReadAllBytesAsync(header));
        }
        string name = Path.GetFileNameWithoutExtension(guest.SourcePath);
        return $"{name}-{Convert.ToHexString(hash.GetHashAndReset())[..16].ToLowerInvariant()}";
    }

    private static async Task<string> CompilerVersionAsync()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            new ProcessRequest("gcc", ["-v"]), TimeSpan.FromMinutes(1), CancellationToken.None);
        return Encoding.UTF8.GetString(outcome.Error);
    }
}
