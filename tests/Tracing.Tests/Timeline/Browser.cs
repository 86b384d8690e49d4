using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

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

    /// <summary>Opens a page. With KENNEL_SCREENSHOTS=DIR a copy of the picture is kept there, to look at.</summary>
    /// <param name="page">The file.</param>
    /// <param name="name">The picture's name.</param>
    /// <param name="address">What comes behind the file's name in the address.</param>
    /// <param name="isDark">Which colours the user prefers.</param>
    /// <param name="size">Of the window.</param>
    /// <param name="extension">Of the file.</param>
    /// <param name="files">More files, beside it.</param>
    public async Task<Sight> LookAsync(
        string page, string name, string address = "", bool isDark = false, (int Width, int Height)? size = null, string extension = "html", IReadOnlyDictionary<string, string>? files = null)
    {
        foreach ((string other, string text) in files ?? new Dictionary<string, string>()) await WriteAsync(other, text);
        string file = await WriteAsync($"page.{extension}", page), picture = Path.Combine(_directory, "shot.png");
        File.Delete(picture);
        (int width, int height) = size ?? (1400, 800);
        (string output, string error) = await RunAsync([$"--screenshot={picture}", "--dump-dom", $"--window-size={width},{height}"], file + address, isDark);
        Assert.True(File.Exists(picture), error);
        if (Environment.GetEnvironmentVariable("KENNEL_SCREENSHOTS") is { Length: > 0 } kept) File.Copy(picture, Path.Combine(kept, name + ".png"), overwrite: true);
        byte[] png = await File.ReadAllBytesAsync(picture);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.True(png.Length > 5_000, "a picture with something in it");
        return new Sight(output);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<string> WriteAsync(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        await File.WriteAllTextAsync(path, text, new UTF8Encoding(false));
        return path;
    }

    private async Task<(string Output, string Error)> RunAsync(string[] what, string file, bool isDark)
    {
        var start = new ProcessStartInfo(Program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", $"--user-data-dir={_directory}/profile",
            "--virtual-time-budget=10000", "--enable-logging=stderr", $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}", .. what, "file://" + file,
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

/// <summary>What became of a page.</summary>
/// <param name="Dom">The document after its script has run.</param>
internal sealed record Sight(string Dom)
{
    /// <summary>What a timeline's page says of itself.</summary>
    public string? this[string name]
    {
        get
        {
            Match match = Regex.Match(Dom, $"<span id=\"summary\"[^>]* data-{name}=\"([^\"]*)\"");
            return match.Success ? match.Groups[1].Value : null;
        }
    }

    public int Count(string name) => int.Parse(this[name]!, CultureInfo.InvariantCulture);
}
