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
        string suffix = shape.Name + (isReturn ? ".return" : "");
        return Parse($"probe nd_syscall.{suffix} = syscall.{suffix} {{ }}\n");
    }

    /// <summary>syscall.NAME.</summary>
    public AliasDeclaration Make(bool isReturn)
    {
        var text = new StringBuilder();
        text.Append($"probe syscall.{shape.Name}{(isReturn ? ".return" : "")} = __syscall(\"{shape.Name}\"){(isReturn ? ".return" : "")} {{\n");
        text.Append($"name = \"{shape.Name}\"\n");
        var format = new List<string>();
        var values = new StringBuilder();
        foreach (ParameterShape parameter in shape.Parameters)
        {
            StapCType type = StapCType.Parse(parameter.Type);
            bool isPointer = type.Pointers > 0 || type.IsArray;
            bool isPath = type.IsText && parameter.Type.Contains("const", StringComparison.Ordinal);
            if (isPointer) text.Append($"{parameter.Name}_uaddr = ${parameter.Name}\n");
            if (isPath) text.Append($"{parameter.Name} = user_string_n2(${parameter.Name}, 511, sprintf(\"0x%x\", ${parameter.Name}))\n");
            else if (!isPointer) text.Append($"{parameter.Name} = {Narrowed(type, "$" + parameter.Name)}\n");
            format.Add(isPath ? "%s" : isPointer ? "%p" : type.IsUnsigned && type.PlainSize == 8 ? "%u" : "%d");
            values.Append(", ").Append(isPath ? $"user_string_quoted(${parameter.Name})" : Narrowed(type, "$" + parameter.Name));
        }
        if (isReturn) text.Append("retval = $return\nretstr = return_str(1, $return)\n");
        text.Append(format.Count == 0 ? "argstr = \"\"\n" : $"argstr = sprintf(\"{string.Join(", ", format)}\"{values})\n");
        text.Append("}\n");
        return Parse(text.ToString());
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
