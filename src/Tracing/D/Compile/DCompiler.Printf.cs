using System.Linq.Expressions;
using Kennel.Tracing.D.Output;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>printf and printa: their formats are read, and their arguments checked, at compile time.</summary>
internal sealed partial class DCompiler
{
    private Expression Printf(CallNode node)
    {
        List<Expression> code = [.. FormatCode(node, (part, pieces) => Call(nameof(DRuntime.Put), pieces[0]), out List<(FormatPart Part, Expression[] Arguments)> conversions)];
        _ = conversions;
        code.Add(Expression.Empty());
        return Expression.Block(typeof(void), code);
    }

    /// <summary>The same format as text: for system() and freopen().</summary>
    private Expression Formatted(CallNode node)
    {
        Expression code = Expression.Constant("");
        System.Reflection.MethodInfo concat = typeof(string).GetMethod(nameof(string.Concat), [typeof(string), typeof(string)])!;
        FormatCode(node, null, out List<(FormatPart Part, Expression[] Arguments)> conversions);
        foreach ((FormatPart part, Expression[] arguments) in conversions)
        {
            Expression piece = part.Literal != null
                ? Expression.Constant(part.Literal)
                : arguments.Length == 5
                    ? Static(nameof(DRuntime.FormatInteger), [Expression.Constant(part), .. arguments])
                    : Static(nameof(DRuntime.FormatString), [Expression.Constant(part), .. arguments]);
            code = Expression.Call(concat, code, piece);
        }
        return code;
    }

    private List<Expression> FormatCode(CallNode node, Func<FormatPart, Expression[], Expression>? _, out List<(FormatPart Part, Expression[] Arguments)> conversions)
    {
        if (node.Arguments.Count == 0) throw Prototype($"{node.Name}( )", 0, "at least 1", node.Line);
        if (Value(node.Arguments[0]).Literal is not { } format) throw new DCompileException("D_PRINTF_ARG_FMT", node.Line, $"{node.Name}( ) argument #1 is incompatible with prototype:\n\tprototype: string constant\n\t argument: {Value(node.Arguments[0]).Type}");
        List<FormatPart> parts = FormatText.Parse(format, node.Line, node.Name == "printa" ? "printa" : node.Name);
        List<Expression> code = [];
        conversions = [];
        int next = 1, number = 0;
        foreach (FormatPart part in parts)
        {
            if (part.Literal != null)
            {
                conversions.Add((part, []));
                code.Add(Call(nameof(DRuntime.Put), Expression.Constant(part.Literal)));
                continue;
            }
            number++;
            Expression width = part.Width == -2 ? Star(node, ref next, number, part, "*") : Expression.Constant((long)part.Width);
            Expression precision = part.Precision == -2 ? Star(node, ref next, number, part, ".*") : Expression.Constant((long)part.Precision);
            if (next >= node.Arguments.Count)
            {
                // Of two that are needed, one that is there is taken for the value.
                if (part.Width == -2 || part.Precision == -2) throw MissingStar(node, number, part.Conversion, part.Precision == -2 ? ".*" : "*");
                throw new DCompileException("D_PRINTF_ARG_PROTO", node.Line, $"{node.Name}( ) prototype mismatch: conversion #{number} ({part.Shown}) is missing a corresponding value argument");
            }
            if (node.Arguments[next] is AggregationNode a) throw BadArgument(node, part, next + 1, number, part.Expected, "@" + a.Name);
            Operand value = Value(node.Arguments[next++]);
            Expression[] arguments = Conversion(node, part, value, next, number) is { } text
                ? [width, precision, text]
                : [width, precision, value.Code, Expression.Constant(Math.Max(value.Type.Size, 1)), Expression.Constant(value.IsSigned)];
            conversions.Add((part, arguments));
            code.Add(value.Symbol == SymbolKind.Stack
                ? Call(nameof(DRuntime.PutStack), value.Code)
                : Call(arguments.Length == 5 ? nameof(DRuntime.PutInteger) : nameof(DRuntime.PutText), [Expression.Constant(part), .. arguments]));
        }
        if (next < node.Arguments.Count) throw new DCompileException("D_PRINTF_ARG_EXTRA", node.Line, $"{node.Name}( ) prototype mismatch: only {next - 1} arguments required by this format string");
        return code;
    }

    private Expression Star(CallNode node, ref int next, int number, FormatPart part, string what)
    {
        if (next >= node.Arguments.Count) throw MissingStar(node, number, part.Conversion, what);
        Operand value = Value(node.Arguments[next++]);
        return value.IsInteger ? value.Code : throw new DCompileException("D_PRINTF_DYN_TYPE", node.Line, $"{node.Name}( ) argument #{next} is incompatible with conversion #{number} prototype:\n\tconversion: %{what}{part.Conversion}\n\t prototype: int\n\t  argument: {value.Type}");
    }

    private static DCompileException MissingStar(CallNode node, int number, char conversion, string what) =>
        new("D_PRINTF_DYN_PROTO", node.Line, $"{node.Name}( ) prototype mismatch: conversion #{number} (%{conversion}) is missing a corresponding \"{what}\" argument");

    private static DCompileException BadArgument(CallNode node, FormatPart part, int argument, int number, string wanted, string given) => new(
        "D_PRINTF_ARG_TYPE",
        node.Line,
        $"{node.Name}( ) argument #{argument} is incompatible with conversion #{number} prototype:\n\tconversion: {part.Shown}\n\t prototype: {wanted}\n\t  argument: {given}");

    /// <summary>Checks an argument; the answer is its text, or null for a number.</summary>
    private Expression? Conversion(CallNode node, FormatPart part, Operand value, int argument, int number)
    {
        switch (part.Conversion)
        {
            case 's' or 'S' or 'k':
                if (value.IsText) return value.Code;
                if (value.IsCharacters) return StringOf(value, node.Line).Code;
                throw Bad(part.Conversion == 'k' ? "stack" : "char [] or string (or use stringof)");
            case 'a' or 'A':
                if (value.Symbol != SymbolKind.None) return value.Code;
                if (!value.IsScalar) throw Bad("pointer or integer");
                return Call(part.Conversion == 'a' ? nameof(DRuntime.KernelAddress) : nameof(DRuntime.UserAddress), value.Code);
            case 'p':
                return value.IsScalar ? null : throw Bad("pointer or integer");
            case 'c' or 'C':
                return value.IsInteger && value.Type.Size <= 4 ? null : throw Bad("char");
            case 'Y' or 'T':
                return value.IsInteger && value.Type.Size == 8 ? null : throw Bad("64-bit integer");
            case 'e' or 'f' or 'g' or 'E' or 'G':
                throw Bad("float, double, or long double");
        }
        if (value.Symbol != SymbolKind.None) throw Bad("integer");
        if (!value.IsInteger) throw Bad("integer");
        int size = part.Length switch { "h" => 2, "hh" => 1, "l" or "ll" or "j" or "z" or "t" => 8, _ => 0 };
        if (size != 0 && value.Type.Size != size && value.Constant == null) throw Bad(part.Length switch { "h" => "short", "l" => "long", "ll" => "long long", _ => "integer" });
        return null;

        DCompileException Bad(string wanted) => BadArgument(node, part, argument, number, wanted, value.Type.ToString());
    }

    private Expression Printa(CallNode node)
    {
        if (node.Arguments.Count == 0) throw Prototype("printa( )", 0, "at least 1", node.Line);
        int first = 0;
        FormatPart[]? format = null;
        if (node.Arguments[0] is not AggregationNode)
        {
            if (Value(node.Arguments[0]).Literal is not { } text) throw new DCompileException("D_PRINTA_PROTO", node.Line, $"printa( ) argument #1 is incompatible with prototype:\n\tprototype: string constant or aggregation\n\t argument: {Value(node.Arguments[0]).Type}");
            format = [.. FormatText.Parse(text, node.Line, "printa")];
            first = 1;
        }
        if (first >= node.Arguments.Count) throw new DCompileException("D_PRINTA_PROTO", node.Line, "printa( ) prototype mismatch: an aggregation is expected");
        List<DAggregation> aggregations = [];
        for (int i = first; i < node.Arguments.Count; i++)
        {
            if (node.Arguments[i] is not AggregationNode a) throw new DCompileException("D_PRINTA_AGGARG", node.Line, $"printa( ) argument #{i + 1} is incompatible with prototype:\n\tprototype: aggregation\n\t argument: {Value(node.Arguments[i]).Type}");
            aggregations.Add(FindAggregation(a, "D_PRINTA_AGGBAD"));
        }
        IReadOnlyList<KeyShape> keys = aggregations[0].Keys;
        foreach (DAggregation other in aggregations.Skip(1))
        {
            if (other.Keys.Count != keys.Count) throw new DCompileException("D_PRINTA_AGGKEY", node.Line, $"printa( ) prototype mismatch: @{aggregations[0].Name} and @{other.Name} have different key signatures: {keys.Count} and {other.Keys.Count} keys");
            int odd = Enumerable.Range(0, keys.Count).FirstOrDefault(i => other.Keys[i].IsText != keys[i].IsText || (!keys[i].IsText && other.Keys[i].Size != keys[i].Size), -1);
            if (odd >= 0) throw new DCompileException("D_PRINTA_AGGKEY", node.Line, $"printa( ) prototype mismatch: @{aggregations[0].Name} and @{other.Name} have incompatible key #{odd + 1}:\n\tprototype: {keys[odd].Type}\n\t argument: {other.Keys[odd].Type}");
        }
        if (format != null) CheckPrinta(node, format, keys);
        return PrintaCode(format, [.. aggregations]);
    }

    private static void CheckPrinta(CallNode node, FormatPart[] format, IReadOnlyList<KeyShape> keys)
    {
        int next = 0, number = 0;
        foreach (FormatPart part in format.Where(p => p.Literal == null))
        {
            number++;
            if (part.Width == -2 || part.Precision == -2) throw new DCompileException("D_PRINTA_DYN", node.Line, $"printa( ) conversion #{number}: * may not be used");
            if (part.IsAggregation) continue;
            if (next >= keys.Count) throw new DCompileException("D_PRINTF_ARG_PROTO", node.Line, $"printa( ) prototype mismatch: conversion #{number} ({part.Shown}) is missing a corresponding key");
            KeyShape key = keys[next++];
            bool text = part.Conversion is 's' or 'S' or 'k' or 'a' or 'A';
            if (text != key.IsText && !(part.Conversion is 'a' or 'A' or 'p')) throw new DCompileException("D_PRINTF_ARG_TYPE", node.Line, $"printa( ) key #{next} is incompatible with conversion #{number} prototype:\n\tconversion: {part.Shown}\n\t  argument: {key.Type}");
        }
    }

    private Expression PrintaCode(FormatPart[]? format, DAggregation[] aggregations) =>
        Call(nameof(DRuntime.Printa), Expression.Constant(format, typeof(FormatPart[])), Expression.Constant(aggregations));
}
