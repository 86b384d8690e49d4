using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;

namespace Kennel.Tracing.D.Compile;

/// <summary>A clause's code for -S: the expressions that it was made into, a line each.</summary>
internal static class ClauseListing
{
    public static string Text(ClauseItem item, DClause clause, Expression code)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\nDisassembly of clause {string.Join(", ", item.Probes)}, <dt_clause_{clause.Id}>:\nINS  INSTRUCTION\n");
        int number = 0;
        Append(text, code, 0, ref number);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Expression code, int depth, ref int number)
    {
        switch (code)
        {
            case BlockExpression block:
                foreach (Expression part in block.Expressions) Append(text, part, depth, ref number);
                break;
            case ConditionalExpression { Type: var type } choice when type == typeof(void):
                Line(text, $"if {choice.Test}", depth, ref number);
                Append(text, choice.IfTrue, depth + 1, ref number);
                if (choice.IfFalse is not DefaultExpression) Line(text, "else", depth, ref number);
                Append(text, choice.IfFalse, depth + 1, ref number);
                break;
            case DefaultExpression:
                break;
            default:
                Line(text, code.ToString(), depth, ref number);
                break;
        }
    }

    private static void Line(StringBuilder text, string line, int depth, ref int number) =>
        text.Append(CultureInfo.InvariantCulture, $"{number++:d4} ").Append(' ', depth * 2).Append(line).Append('\n');
}
