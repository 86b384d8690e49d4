using System.Globalization;
using System.Text;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Syntax;

/// <summary>A parsed script as text again, with all parentheses: what -p1 prints, and -p2 -v.</summary>
internal static class StapTreeText
{
    public static string Of(StapFile file)
    {
        var text = new StringBuilder();
        text.Append($"# file {file.Source.Name}\n");
        foreach (StapToken code in file.EmbeddedCode) text.Append($"%{{{code.Text}%}}");
        foreach (GlobalDeclaration global in file.Globals) text.Append($"global {Of(global)}\n");
        foreach (AliasDeclaration alias in file.Aliases) text.Append($"probe {alias.NameText} {(alias.Epilogue ? "+=" : "=")} {string.Join(", ", alias.Points.Select(Of))}{Of(alias.Body)}\n");
        foreach (ProbeDeclaration probe in file.Probes) text.Append($"probe {string.Join(',', probe.Points.Select(Of))}{Of(probe.Body)}\n");
        foreach (FunctionDeclaration function in file.Functions)
        {
            string body = function.Body == null ? $"%{{{function.Code}%}}" : Of(function.Body);
            text.Append($"function {function.Name} ({string.Join(", ", function.Parameters.Select(p => p.Name))})\n{body}\n");
        }
        return text.ToString();
    }

    public static string Of(GlobalDeclaration global) =>
        global.Name + (global.Wraps ? "%" : "") + (global.MaximumSize is { } size ? $"[{size}]" : "") + (global.Initial == null ? "" : " = " + Of(global.Initial));

    public static string Of(ProbePoint point) =>
        point + (point.Sufficient ? "!" : point.Optional ? "?" : "") + (point.Condition == null ? "" : $" if ({Of(point.Condition)})");

    public static string Of(Stmt statement) => statement switch
    {
        BlockStmt block => "{\n" + string.Concat(block.Statements.Select(s => Of(s) + "\n")) + "}",
        EmptyStmt => ";",
        ExprStmt expression => Of(expression.Value),
        IfStmt branch => $"if ({Of(branch.Condition)}) {Of(branch.Then)}\n" + (branch.Otherwise == null ? "" : $"else {Of(branch.Otherwise)}\n"),
        ForStmt loop => $"for ({Maybe(loop.Start)}; {(loop.Condition == null ? "1" : Of(loop.Condition))}; {Maybe(loop.Step)}) {Of(loop.Body)}",
        ForeachStmt loop => OfForeach(loop),
        ReturnStmt result => result.Value == null ? "return" : $"return {Of(result.Value)}",
        DeleteStmt delete => $"delete {Of(delete.Target)}",
        JumpStmt jump => jump.Kind switch { JumpKind.Break => "break", JumpKind.Continue => "continue", _ => "next" },
        TryStmt attempt => $"try {{\n{Of(attempt.Body)}\n}} catch {(attempt.Message == null ? "" : $"({attempt.Message.Name}) ")}{{\n{Of(attempt.Handler)}\n}}\n",
        _ => "",
    };

    public static string Of(Expr expression) => expression switch
    {
        NumberExpr number => number.Value.ToString(CultureInfo.InvariantCulture),
        StringExpr text => Quoted(text.Value),
        NameExpr name => name.Name,
        IndexExpr index => $"{index.Name}[{Keys(index.Keys)}]",
        CallExpr call => $"{call.Name}({List(call.Arguments)})",
        PrintExpr print => OfPrint(print),
        UnaryExpr unary => $"{unary.Op}({Of(unary.Operand)})",
        StepExpr { Prefix: true } step => $"{(step.Up ? "++" : "--")}({Of(step.Target)})",
        StepExpr step => $"({Of(step.Target)}){(step.Up ? "++" : "--")}",
        BinaryExpr binary => $"({Of(binary.Left)}) {binary.Op} ({Of(binary.Right)})",
        ConditionalExpr choice => $"({Of(choice.Condition)})?({Of(choice.Then)}):({Of(choice.Otherwise)})",
        AssignExpr assign => $"({Of(assign.Target)}) {assign.Op} ({Of(assign.Value)})",
        MemberExpr member => $"[{Keys(member.Keys)}] in {member.Array.Name}",
        RegexExpr regex => $"{Of(regex.Left)} {(regex.Negated ? "!~" : "=~")} {Quoted(regex.Pattern)}",
        StatExpr stat => $"{stat.Op}({Of(stat.Operand)})",
        HistogramExpr histogram => OfHistogram(histogram) + (histogram.Bucket == null ? "" : $"[{Of(histogram.Bucket)}]"),
        TargetExpr target => OfTarget(target),
        DefinedExpr defined => $"@defined({Of(defined.Operand)})",
        ChooseDefinedExpr choose => $"@choose_defined({Of(choose.First)}, {Of(choose.Second)})",
        EntryExpr entry => $"@entry({Of(entry.Operand)})",
        ForeignExpr { What: "embedded C" } foreign => $"%{{{foreign.Text}%}}",
        ForeignExpr foreign => $"{foreign.What}({Quoted(foreign.Text)})",
        _ => "",
    };

    private static string OfForeach(ForeachStmt loop)
    {
        string keys = string.Join(", ", loop.Keys.Select((k, i) => k.Name + (loop.Direction != 0 && loop.SortColumn == i + 1 ? Sign(loop.Direction) : "")));
        string iterated = loop.Histogram != null ? OfHistogram(loop.Histogram) : loop.Array!.Name + (loop.Slice == null ? "" : $"[{Keys(loop.Slice)}]");
        string sorted = loop.Direction != 0 && loop.SortColumn == 0 ? (loop.SortFigure == null ? "" : " " + loop.SortFigure) + Sign(loop.Direction) : "";
        return $"foreach ({(loop.Value == null ? "" : loop.Value.Name + " = ")}[{keys}] in {iterated}{sorted}{(loop.Limit == null ? "" : " limit " + Of(loop.Limit))}) {Of(loop.Body)}";
    }

    private static string OfPrint(PrintExpr print)
    {
        IEnumerable<string> first = print.Format != null ? [Quoted(print.Format.Text)] : print.Delimiter != null ? [Quoted(print.Delimiter.Value)] : [];
        return $"{print.At.Text}({string.Join(", ", first.Concat(print.Arguments.Select(Of)))})";
    }

    private static string OfHistogram(HistogramExpr histogram) => histogram.Linear
        ? $"@hist_linear({Of(histogram.Operand)}, {histogram.From}, {histogram.To}, {histogram.Step})"
        : $"@hist_log({Of(histogram.Operand)})";

    private static string OfTarget(TargetExpr target)
    {
        string start = target.Kind switch
        {
            TargetKind.Variable => target.Name,
            TargetKind.Cast => $"@cast({Of(target.Operand!)}, {Quoted(target.Type!)})",
            TargetKind.Global => $"@var({Quoted(target.Name)})",
            _ => $"({Of(target.Operand!)})",
        };
        IEnumerable<string> steps = target.Steps.Select(s => s.Pretty > 0 ? new string('$', s.Pretty) : s.Member != null ? "->" + s.Member : $"[{Of(s.Index!)}]");
        return (target.AddressOf ? "&" : "") + start + string.Concat(steps);
    }

    private static string Sign(int direction) => direction > 0 ? "+" : "-";

    private static string Maybe(Expr? expression) => expression == null ? "" : Of(expression);

    private static string List(IEnumerable<Expr> expressions) => string.Join(", ", expressions.Select(Of));

    private static string Keys(IEnumerable<Expr?> keys) => string.Join(", ", keys.Select(k => k == null ? "*" : Of(k)));

    private static string Quoted(string text) => StapStrings.Quote(text, int.MaxValue);
}
