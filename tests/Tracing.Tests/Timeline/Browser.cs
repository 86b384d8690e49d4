using System.Diagnostics;
using System.Text;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>A headless Chromium, where there is one: it opens a page and tells what became of it.</summary>
internal sealed class Browser : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kennel-page-").FullName;

    private static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(d => new[] { Path.Combine(d, "chromium"), Path.Combine(d, "google-chrome") }).FirstOrDefault(File.Exists);

    /// <summary>Skips the test where no browser is installed.</summary>
    public static Browser OpenOrSkip()
    {
        if (Program == null) Assert.Skip("no chromium is installed: apt-get install chromium");
        return new Browser();
    }

    /// <summary>The document after its script has run. Files are put beside the page.</summary>
    public async Task<string> DumpAsync(string page, string address = "", bool isDark = false, string extension = "html", IReadOnlyDictionary<string, string>? files = null)
    {
        foreach ((string name, string text) in files ?? new Dictionary<string, string>()) await File.WriteAllTextAsync(Path.Combine(_directory, name), text, new UTF8Encoding(false));
        (string output, _) = await RunAsync(["--dump-dom", "--window-size=1400,800"], page, address, isDark, extension);
        return output;
    }

    /// <summary>A picture of the page (PNG). With KENNEL_SCREENSHOTS=DIR a copy is kept there, to look at.</summary>
    public async Task<byte[]> ShootAsync(string page, string name, string address = "", bool isDark = false, int width = 1400, int height = 800, string extension = "html")
    {
        string picture = Path.Combine(_directory, "shot.png");
        (_, string error) = await RunAsync([$"--screenshot={picture}", $"--window-size={width},{height}"], page, address, isDark, extension);
        Assert.True(File.Exists(picture), error);
        if (Environment.GetEnvironmentVariable("KENNEL_SCREENSHOTS") is { Length: > 0 } kept) File.Copy(picture, Path.Combine(kept, name + ".png"), overwrite: true);
        return await File.ReadAllBytesAsync(picture);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<(string Output, string Error)> RunAsync(string[] what, string page, string address, bool isDark, string extension)
    {
        string file = Path.Combine(_directory, $"page.{extension}");
        await File.WriteAllTextAsync(file, page, new UTF8Encoding(false));
        var start = new ProcessStartInfo(Program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", $"--user-data-dir={_directory}/profile",
            "--virtual-time-budget=10000", "--enable-logging=stderr", $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}", .. what, $"file://{file}{address}",
        ];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token), error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        string messages = await error;
        string[] complaints = [.. messages.Split('\n').Where(l => l.Contains("CONSOLE", StringComparison.Ordinal) || l.Contains("Uncaught", StringComparison.Ordinal))];
        Assert.True(complaints.Length == 0, string.Join('\n', complaints));
        return (await output, messages);
    }
}
