using System.Globalization;
using Kennel.Abi;
using Kennel.FileSystems.Dev.Terminals;

namespace Kennel.FileSystems.Tests.Dev;

/// <summary>Against what Linux made of the same bytes; see record_line_discipline.py.</summary>
public sealed class LineDisciplineTests
{
    [Fact]
    public void Does_what_Linux_does()
    {
        var failures = new List<string>();
        int number = 0;
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Dev/line_discipline.txt")))
        {
            number++;
            string[] f = line.Split(' ');
            var screen = new Screen();
            var discipline = new LineDiscipline(screen);
            Termios settings = Termios.Default;
            settings.Input = (InputModes)uint.Parse(f[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            settings.Output = (OutputModes)uint.Parse(f[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            settings.Local = (LocalModes)uint.Parse(f[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            discipline.Settings = settings;
            discipline.Write(Bytes(f[4]));
            screen.Settle();
            discipline.Receive(Bytes(f[3]));
            string echo = Hex(screen.Shown), reads = Reads(discipline);
            if (echo != f[5]) failures.Add($"{number}: echo\n  {line}\n  {echo}");
            if (reads != f[6]) failures.Add($"{number}: reads\n  {line}\n  {reads}");
        }
        Assert.True(failures.Count == 0, $"{failures.Count} of {number}\n" + string.Join("\n", failures.Take(10)));
    }

    private static string Reads(LineDiscipline discipline)
    {
        var reads = new List<string>();
        while (discipline.HasInput(1))
        {
            byte[] buffer = new byte[reads.Count % 2 == 0 ? 5 : 100];
            int n = discipline.IsCanonical ? discipline.Buffer.TakeLine(buffer, out _) : discipline.Buffer.Take(buffer);
            reads.Add(Hex(buffer[..n]));
        }
        return reads.Count == 0 ? "none" : string.Join(',', reads);
    }

    private static byte[] Bytes(string hex) => hex == "-" ? [] : Convert.FromHexString(hex);

    private static string Hex(IEnumerable<byte> bytes) =>
        Convert.ToHexStringLower(bytes.ToArray()) is var text && text.Length == 0 ? "-" : text;

    private sealed class Screen : ILineEvents
    {
        private int _settled;

        public List<byte> Shown { get; } = [];

        public void Settle() => _settled = Shown.Count;

        public void Put(ReadOnlySpan<byte> bytes) => Shown.AddRange(bytes);

        public void FlushOutput() => Shown.RemoveRange(_settled, Shown.Count - _settled);

        public void SendSignal(Signal signal)
        {
        }

        public void InputArrived()
        {
        }

        public void InputTaken()
        {
        }

        public void OutputStarted()
        {
        }

        public void OutputStopped()
        {
        }
    }
}
