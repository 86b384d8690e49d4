using System.CommandLine;

namespace Kennel.Cli;

/// <summary><c>kennel completion</c>: a shell's completion, which asks the command-line library by its <c>[suggest]</c> directive.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _kennel() {
            local line=${COMP_LINE:0:COMP_POINT}
            line=${line#* }
            local IFS=$'\n'
            COMPREPLY=($("${KENNEL:-kennel}" "[suggest:${#line}]" "$line" 2>/dev/null))
        }
        complete -o default -F _kennel kennel ./kennel
        """;

    private const string Zsh = """
        #compdef kennel
        _kennel() {
            local line="${words[2,CURRENT]}"
            local -a found
            found=("${(@f)$("${KENNEL:-kennel}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -a found
            _files
        }
        compdef _kennel kennel
        """;

    private const string Fish = """
        function __kennel
            set -l line (string replace -r '^\S+ ?' '' -- (commandline -cp))
            kennel "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c kennel -a '(__kennel)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script for a shell: source <(kennel completion bash)") { shell };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash }));
        return command;
    }
}
