using System.Text;
using Kennel.Tracing.Stap;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests.Stap;

/// <summary>Runs scripts against a machine without a kernel.</summary>
internal sealed class StapFixture
{
    public FakeMachine Machine { get; } = new();

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Globals { get; init; } = new Dictionary<string, string>();

    public bool Guru { get; init; }

    public int LastPass { get; init; } = 5;

    public bool NoWarnings { get; init; }

    public string Output => Encoding.Latin1.GetString(_output.ToArray());

    public string Errors => _errors.ToString();

    public StapTracer? Tracer { get; private set; }

    private readonly MemoryStream _output = new();
    private readonly StringWriter _errors = new();

    /// <summary>Compiles and begins.</summary>
    public StapFixture Start(string script)
    {
        Tracer = new StapTracer(
            new StapOptions { ScriptName = "t.stp", ScriptText = script, Arguments = Arguments, Defines = Defines, Globals = Globals, Guru = Guru, LastPass = LastPass, NoWarnings = NoWarnings },
            _output, _errors);
        Tracer.Attach(Machine);
        return this;
    }

    /// <summary>Ends; the answer is the exit status.</summary>
    public int Stop() => Tracer!.Detach() ?? 0;

    /// <summary>Runs a script that needs no events.</summary>
    public static (string Output, string Errors, int Status) Run(string script)
    {
        var fixture = new StapFixture();
        fixture.Start(script);
        int status = fixture.Stop();
        return (fixture.Output, fixture.Errors, status);
    }
}
