using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>The alias of a system call that no tapset describes: its arguments under the names of its manual page, and argstr made of them by their types.</summary>
internal sealed class SyscallAliases(SyscallShape shape)
{
    /// <summary>nd_syscall.NAME.</summary>
    public AliasDeclaration MakeOther(bool isReturn)
    {
        string suffix = SyscallTexts.NameOf(shape.Name) + (isReturn ? ".return" : "");
        return Parse($"probe nd_syscall.{suffix} = syscall.{suffix} {{ }}\n");
    }

    /// <summary>syscall.NAME.</summary>
    public AliasDeclaration Make(bool isReturn)
    {
        (string Name, SyscallArgument[] Arguments)? described = SyscallTexts.Find(shape.Name);
        string name = described?.Name ?? shape.Name;
        var text = new StringBuilder();
        text.Append($"probe syscall.{name}{(isReturn ? ".return" : "")} = __syscall(\"{shape.Name}\"){(isReturn ? ".return" : "")} {{\n");
        text.Append($"name = \"{name}\"\n");
        var pieces = new List<(string Format, string Value)>();
        for (int i = 0; i < shape.Parameters.Count; i++)
        {
            ParameterShape parameter = shape.Parameters[i];
            if (described == null) AddByType(parameter, text, pieces);
            else if (i < described.Value.Arguments.Length) AddDescribed(described.Value.Arguments[i], "$" + parameter.Name, i + 1 < shape.Parameters.Count ? "$" + shape.Parameters[i + 1].Name : "0", text, pieces);
        }
        if (isReturn) text.Append($"retval = $return\nretstr = return_str({(shape.Name is "shmat" or "mremap" ? 2 : 1)}, $return)\n");
        text.Append(pieces.Count == 0 ? "argstr = \"\"\n" : $"argstr = sprintf(\"{string.Join(", ", pieces.Select(p => p.Format))}\"{string.Concat(pieces.Select(p => ", " + p.Value))})\n");
        text.Append("}\n");
        return Parse(text.ToString());
    }

    private static void AddByType(ParameterShape parameter, StringBuilder text, List<(string, string)> pieces)
    {
        StapCType type = StapCType.Parse(parameter.Type);
        bool isPointer = type.Pointers > 0 || type.IsArray;
        bool isPath = type.IsText && parameter.Type.Contains("const", StringComparison.Ordinal);
        if (isPointer) text.Append($"{parameter.Name}_uaddr = ${parameter.Name}\n");
        if (isPath) text.Append($"{parameter.Name} = user_string_n2(${parameter.Name}, 511, sprintf(\"0x%x\", ${parameter.Name}))\n");
        else if (!isPointer) text.Append($"{parameter.Name} = {Narrowed(type, "$" + parameter.Name)}\n");
        pieces.Add((isPath ? "%s" : isPointer ? "%p" : type.IsUnsigned && type.PlainSize == 8 ? "%u" : "%d", isPath ? $"user_string_quoted(${parameter.Name})" : Narrowed(type, "$" + parameter.Name)));
    }

    private static void AddDescribed(SyscallArgument argument, string value, string next, StringBuilder text, List<(string, string)> pieces)
    {
        string name = argument.Variable;
        string bare = name.EndsWith("_uaddr", StringComparison.Ordinal) ? name[..^6] : name;
        string number = $"__int32({value})";
        switch (argument.Kind)
        {
            case "d":
                Add(name, number, "%d");
                break;
            case "u":
                Add(name, $"__uint32({value})", "%u");
                break;
            case "x":
                Add(name, $"__uint32({value})", "%#x");
                break;
            case "o":
                Add(name, $"__uint32({value})", "%#o");
                break;
            case "ld" or "lu" or "lx" or "p":
                Add(name, value, argument.Kind switch { "ld" => "%d", "lu" => "%u", "lx" => "%#x", _ => "%p" });
                break;
            case "s":
                text.Append($"{bare}_uaddr = {value}\n");
                // Scripts compare filename with plain names.
                if (name == "filename") text.Append($"filename = user_string_n2({value}, 511, sprintf(\"0x%x\", {value}))\nfilename_quoted = user_string_quoted({value})\n");
                else if (name == bare) text.Append($"{name} = user_string_quoted({value})\n");
                pieces.Add(("%s", $"user_string_quoted({value})"));
                break;
            case "v":
                Named(name, number, $"__value_str(\"{argument.Table}\", {number})");
                break;
            case "f":
                Named(name, $"__uint32({value})", $"__flags_str(\"{argument.Table}\", __uint32({value}))");
                break;
            case "dfd":
                Named(name, number, $"_dfd_str({number})");
                break;
            case "sig":
                Named(name, number, $"signal_str({number})");
                break;
            case "mknod":
                Named(name, $"__uint32({value})", $"_mknod_mode_str(__uint32({value}))");
                break;
            case "socktype":
                Named(name, number, $"__socktype_str({number})");
                break;
            case "sockfamily":
                Named(name, number, $"__sockfamily_str({number})");
                break;
            case "buf":
                text.Append($"{name} = {value}\n{bare}_str = user_buffer_quoted({value}, {next}, 32)\n");
                pieces.Add(("%s", $"user_buffer_quoted({value}, {next}, 32)"));
                break;
            case "ts" or "ts2" or "tv" or "tv2":
                Structure($"_struct_time{(argument.Kind[1] == 's' ? "spec" : "val")}_u({value}, {(argument.Kind.Length > 2 ? 2 : 1)})");
                break;
            case "sa":
                Structure($"_struct_sockaddr_u({value}, {next})");
                break;
            case "its" or "itv" or "rl" or "set" or "act" or "utb":
                string function = argument.Kind switch { "its" => "_struct_itimerspec_u", "itv" => "_struct_itimerval_u", "rl" => "_struct_rlimit_u", "set" => "_stp_sigset_u", "act" => "_struct_sigaction_u", _ => "_struct_utimbuf_u" };
                Structure($"{function}({value})");
                break;
        }

        void Add(string variable, string shown, string format)
        {
            text.Append($"{variable} = {shown}\n");
            pieces.Add((format, shown));
        }

        void Named(string variable, string shown, string words)
        {
            text.Append($"{variable} = {shown}\n{variable}_str = {words}\n");
            pieces.Add(("%s", words));
        }

        void Structure(string words)
        {
            text.Append($"{name} = {value}\n{bare}_str = {words}\n");
            pieces.Add(("%s", words));
        }
    }

    private AliasDeclaration Parse(string text)
    {
        var source = new StapSource($"tapset/syscalls/{shape.Name}.stp", text) { IsTapset = true };
        var parser = new StapParser(source, new StapLexer(source, []).Run(), true);
        return parser.ParseFile().Aliases[0];
    }

    // An int is passed in a whole register; what lies above it does not count.
    private static string Narrowed(StapCType type, string value) => type.PlainSize == 4 && !(type.Pointers > 0)
        ? type.IsUnsigned ? $"__uint32({value})" : $"__int32({value})"
        : value;
}
