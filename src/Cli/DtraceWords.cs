using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Kennel.Tracing.D;

namespace Kennel.Cli;

/// <summary>
/// What dtrace's command line says by the order of its words: scripts and texts in their order, a text's predicate and action
/// (<c>-n 'read:entry' '{ trace(pid); }'</c>), the scripts' arguments, and the program behind <c>--</c>.
/// </summary>
internal sealed record DtraceWords(IReadOnlyList<DtraceScript> Scripts, IReadOnlyList<string> Arguments, IReadOnlyList<string> Program)
{
    public static DtraceWords Read(ParseResult parsed)
    {
        Dictionary<string, bool> takesValue = new(StringComparer.Ordinal);
        foreach (Option option in parsed.CommandResult.Command.Options)
        {
            foreach (string name in option.Aliases.Append(option.Name)) takesValue[name] = option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;
        }
        List<DtraceScript> scripts = [];
        List<string> arguments = [], program = [];
        string scriptName = "dtrace";
        string? pending = null;
        bool behindDashes = false, afterText = false;
        foreach (Token token in parsed.Tokens)
        {
            switch (token.Type)
            {
                case TokenType.DoubleDash:
                    behindDashes = true;
                    break;
                case TokenType.Option:
                    pending = takesValue.GetValueOrDefault(token.Value) ? token.Value : null;
                    afterText = false;
                    break;
                case TokenType.Argument when behindDashes:
                    program.Add(token.Value);
                    break;
                case TokenType.Argument when pending != null:
                    afterText = pending is "-n" or "-P" or "-m" or "-f" or "-i";
                    if (Script(pending, token.Value) is { } script) scripts.Add(script);
                    if (pending == "-s") scriptName = token.Value;
                    pending = null;
                    break;
                case TokenType.Argument when afterText && token.Value.TrimStart() is ['/' or '{', ..]:
                    scripts[^1] = scripts[^1] with { Text = scripts[^1].Text + " " + token.Value };
                    break;
                case TokenType.Argument when token.Value is ['-', not '-', ..]:
                    throw new DtraceUsageException($"invalid option -- '{token.Value[1]}'");
                case TokenType.Argument:
                    arguments.Add(token.Value);
                    afterText = false;
                    break;
            }
        }
        return new DtraceWords(scripts, [scriptName, .. arguments], program);
    }

    private static DtraceScript? Script(string option, string value) => option switch
    {
        "-n" => new DtraceScript(value, null),
        "-P" => new DtraceScript(value + ":::", null) { Name = value },
        "-m" => new DtraceScript((value.Contains(':') ? "" : ":") + value + "::", null) { Name = value },
        "-f" => new DtraceScript(new string(':', Math.Max(2 - value.Count(c => c == ':'), 0)) + value + ":", null) { Name = value },
        "-i" => new DtraceScript(value, null),
        "-s" => new DtraceScript(ReadFile(value), value),
        _ => null,
    };

    private static string ReadFile(string path)
    {
        try
        {
            return path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "No such file or directory" : e.Message;
            throw new DtraceException($"failed to open {path}: {reason}");
        }
    }
}

/// <summary>A command line that dtrace does not understand.</summary>
internal sealed class DtraceUsageException(string message) : Exception(message);
