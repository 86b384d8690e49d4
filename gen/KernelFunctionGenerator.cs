using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kennel.Gen;

/// <summary>
/// Makes methods that carry <c>[KernelFunction]</c> watchable: each call of one goes over an interceptor, which tests one bit of the kernel and,
/// while functions are watched, tells of the call and of its return. Also writes the table of all such functions.
/// </summary>
/// <remarks>
/// The attribute holds the C prototype under which the function is known. A parameter's value is the method's parameter of the same name, or
/// the C# expression behind "="; <c>this</c> in one is the object that the method is called on.
/// </remarks>
[Generator]
public sealed class KernelFunctionGenerator : IIncrementalGenerator
{
    private const string AttributeName = "Kennel.Views.KernelFunctionAttribute";

    private static readonly SymbolDisplayFormat TypeFormat = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var methods = context.SyntaxProvider.ForAttributeWithMetadataName(
            AttributeName,
            static (node, _) => node is MethodDeclarationSyntax,
            static (c, _) => Describe((IMethodSymbol)c.TargetSymbol, c.Attributes)).Collect();
        context.RegisterSourceOutput(methods.Combine(context.CompilationProvider), static (output, all) =>
            output.AddSource("KernelFunctions.g.cs", Write(all.Left, HasProbes(all.Right) ? FindCalls(all.Left, all.Right, output.CancellationToken) : [])));
    }

    // A build without probe points: calls of functions are only calls.
    private static bool HasProbes(Compilation compilation) => compilation.SyntaxTrees.FirstOrDefault()?.Options.PreprocessorSymbolNames.Contains("NO_PROBES") != true;

    // Binding a call costs much more than reading it: only those by a name that some such method has are bound.
    private static List<(string? Key, string Attribute)> FindCalls(ImmutableArray<Method> methods, Compilation compilation, System.Threading.CancellationToken token)
    {
        var names = new HashSet<string>(methods.Select(static m => m.Name));
        var found = new List<(string? Key, string Attribute)>();
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            SemanticModel? model = null;
            foreach (InvocationExpressionSyntax call in tree.GetRoot(token).DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                if (!names.Contains(NameOf(call))) continue;
                model ??= compilation.GetSemanticModel(tree);
                if (model.GetSymbolInfo(call, token).Symbol is not IMethodSymbol method || !IsWatchable(method)) continue;
#pragma warning disable RSEXPERIMENTAL002 // the compiler's own door for this
                if (model.GetInterceptableLocation(call, token) is { } place) found.Add((method.ToDisplayString(), place.GetInterceptsLocationAttributeSyntax()));
#pragma warning restore RSEXPERIMENTAL002
            }
        }
        return found;
    }

    private static string NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
        MemberBindingExpressionSyntax member => member.Name.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        _ => "",
    };

    private static bool IsWatchable(IMethodSymbol method) => method.GetAttributes().Any(static a => a.AttributeClass?.ToDisplayString() == AttributeName);

    private static Method Describe(IMethodSymbol m, ImmutableArray<AttributeData> attributes)
    {
        string? self = m.IsStatic ? null : m.ContainingType.ToDisplayString(TypeFormat);
        var parameters = m.Parameters.Select(static p => new Parameter(p.Name, p.Type.ToDisplayString(TypeFormat), Prefix(p.RefKind))).ToList();
        string? kernel = m.IsStatic ? null : KernelOf(m.ContainingType, "self");
        foreach (IParameterSymbol p in m.Parameters) kernel ??= p.RefKind == RefKind.Out ? null : KernelOf(p.Type, p.Name);
        var functions = attributes.Select(a => new Function(
            (string)a.ConstructorArguments[0].Value!,
            (string)a.ConstructorArguments[1].Value!,
            a.NamedArguments.Where(static n => n.Key == "Result").Select(static n => (string?)n.Value.Value).FirstOrDefault(),
            a.NamedArguments.Any(static n => n.Key == "NeverReturns" && n.Value.Value is true))).ToList();
        return new Method(
            m.ToDisplayString(), m.Name, self, m.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), m.ReturnType.ToDisplayString(TypeFormat), ResultOf(m.ReturnType), parameters,
            kernel ?? "#error " + m.Name + " has no way to the kernel", functions);
    }

    // What an await of it gives; null for a method that is not awaited, "" for one that gives nothing.
    private static string? ResultOf(ITypeSymbol type) =>
        type is INamedTypeSymbol { Name: "ValueTask" } task ? (task.TypeArguments.Length == 0 ? "" : task.TypeArguments[0].ToDisplayString(TypeFormat)) : null;

    private static string? KernelOf(ITypeSymbol type, string name)
    {
        if (type.ToDisplayString() == "Kennel.Kernel") return name;
        for (ITypeSymbol? t = type; t != null; t = t.BaseType)
        {
            if (t.GetMembers("Kernel").OfType<IPropertySymbol>().Any(static p => p.Type.ToDisplayString() == "Kennel.Kernel")) return name + ".Kernel";
        }
        return null;
    }

    private static string Prefix(RefKind kind) => kind switch { RefKind.Out => "out ", RefKind.Ref => "ref ", RefKind.In => "in ", _ => "" };

    private static string Write(ImmutableArray<Method> methods, List<(string? Key, string Attribute)> calls)
    {
        var text = new StringBuilder();
        text.AppendLine("// <auto-generated/>");
        text.AppendLine("#nullable enable");
        text.AppendLine("namespace System.Runtime.CompilerServices");
        text.AppendLine("{");
        text.AppendLine("    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]");
        text.AppendLine("    file sealed class InterceptsLocationAttribute(int version, string data) : Attribute { public int Version => version; public string Data => data; }");
        text.AppendLine("}");
        text.AppendLine("namespace Kennel.Generated");
        text.AppendLine("{");
        text.AppendLine("    using Kennel.Abi;");
        text.AppendLine("    using Kennel.Memory;");
        text.AppendLine("    using Kennel.Views;");
        text.AppendLine("    internal static class WatchedFunctions");
        text.AppendLine("    {");
        ILookup<string?, string> places = calls.ToLookup(static c => c.Key, static c => c.Attribute);
        var table = new List<(Function Function, Method Method)>();
        int number = 0;
        foreach (Method method in methods.OrderBy(static m => m.Functions[0].File + ":" + m.Functions[0].Prototype + ":" + m.Key))
        {
            int first = table.Count;
            foreach (Function function in method.Functions) table.Add((function, method));
            WriteMethod(text, method, places[method.Key], first, number++);
        }
        text.AppendLine("        internal static readonly (string File, string Prototype)[] Table =");
        text.AppendLine("        [");
        foreach ((Function function, Method _) in table) text.AppendLine($"            ({Quote(function.File)}, {Quote(PlainPrototype(function.Prototype))}),");
        text.AppendLine("        ];");
        text.AppendLine("    }");
        text.AppendLine("}");
        return text.ToString();
    }

    private static void WriteMethod(StringBuilder text, Method m, IEnumerable<string> places, int first, int number)
    {
        var declared = m.Parameters.Select(static p => p.Prefix + p.Type + " " + p.Name).ToList();
        if (m.Self != null) declared.Insert(0, m.Self + " self");
        string parameters = string.Join(", ", declared);
        string passed = string.Join(", ", m.Parameters.Select(static p => p.Prefix + p.Name));
        string call = (m.Self != null ? "self" : m.Owner) + "." + m.Name + "(" + passed + ")";
        string name = m.Name + number;
        bool isVoid = m.Return == "void";
        // An async method takes its arguments by value.
        string byValue = m.Awaited == null ? parameters : string.Join(", ", declared.Select(static d => d.StartsWith("in ") ? d.Substring(3) : d));
        string forwarded = (m.Self != null ? "self" + (m.Parameters.Count > 0 ? ", " : "") : "")
            + string.Join(", ", m.Parameters.Select(p => (m.Awaited != null && p.Prefix == "in " ? "" : p.Prefix) + p.Name));
        foreach (string place in places) text.AppendLine("        " + place);
        text.AppendLine("        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]");
        text.AppendLine($"        internal static {m.Return} {name}({(m.Self != null ? "this " : "")}{parameters})");
        text.AppendLine("        {");
        text.AppendLine(isVoid ? $"            if ({m.Kernel}.WatchesFunctions()) {name}Watched({forwarded}); else {call};" : $"            return {m.Kernel}.WatchesFunctions() ? {name}Watched({forwarded}) : {call};");
        text.AppendLine("        }");
        text.AppendLine("        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]");
        text.AppendLine($"        private static {(m.Awaited != null ? "async " : "")}{m.Return} {name}Watched({byValue})");
        text.AppendLine("        {");
        text.AppendLine($"            WatchedCalls calls = {m.Kernel}.FunctionCalls;");
        for (int i = 0; i < m.Functions.Count; i++)
        {
            text.AppendLine($"            object?[]? args{i} = calls.IsOn({first + i}) ? [{string.Join(", ", Arguments(m, m.Functions[i]))}] : null;");
            text.AppendLine($"            calls.Enter({first + i}, args{i}, isAlias: {(i > 0 ? "true" : "false")});");
        }
        bool hasResult = !isVoid && m.Awaited != "";
        text.AppendLine("            try");
        text.AppendLine("            {");
        string awaited = (m.Awaited != null ? "await " : "") + call;
        text.AppendLine("                " + (hasResult ? "var returned = " : "") + awaited + ";");
        for (int i = m.Functions.Count - 1; i >= 0; i--)
        {
            Function f = m.Functions[i];
            if (f.NeverReturns) continue;
            string value = f.Result ?? (hasResult ? "returned" : "0L");
            bool isPointer = f.Prototype.Substring(0, f.Prototype.IndexOf('(')).Contains("*");
            string number0 = isPointer ? (hasResult ? "WatchedCalls.Value(returned)" : "0L") : $"WatchedCalls.Value({Self(value)})";
            string pointed = isPointer ? $"(object?)({Self(value)})" : "null";
            text.AppendLine($"                if (args{i} != null) calls.Leave({first + i}, args{i}, {number0}, {pointed});");
        }
        if (hasResult) text.AppendLine("                return returned;");
        text.AppendLine("            }");
        text.AppendLine("            finally");
        text.AppendLine("            {");
        text.AppendLine($"                calls.Pop({first});");
        text.AppendLine("            }");
        text.AppendLine("        }");
    }

    private static IEnumerable<string> Arguments(Method m, Function f)
    {
        foreach (string parameter in SplitParameters(f.Prototype))
        {
            int equals = parameter.IndexOf('=');
            string expression = equals >= 0 ? parameter.Substring(equals + 1).Trim() : NameOf(parameter);
            yield return $"WatchedCalls.Argument({Self(expression)})";
        }
    }

    private static string Self(string expression) => System.Text.RegularExpressions.Regex.Replace(expression, @"\bthis\b", "self");

    private static string NameOf(string parameter)
    {
        parameter = parameter.Trim();
        return parameter.Substring(parameter.LastIndexOfAny([' ', '*']) + 1);
    }

    private static string PlainPrototype(string prototype) =>
        prototype.Substring(0, prototype.IndexOf('(') + 1) + string.Join(", ", SplitParameters(prototype).Select(static p => p.Split('=')[0].Trim())) + ")";

    // At commas that are in no parentheses of an expression.
    private static IEnumerable<string> SplitParameters(string prototype)
    {
        int start = prototype.IndexOf('(') + 1, end = prototype.LastIndexOf(')'), depth = 0;
        if (prototype.Substring(start, end - start).Trim() is "" or "void") yield break;
        for (int i = start; i < end; i++)
        {
            if (prototype[i] is '(' or '[') depth++;
            else if (prototype[i] is ')' or ']') depth--;
            else if (prototype[i] == ',' && depth == 0)
            {
                yield return prototype.Substring(start, i - start);
                start = i + 1;
            }
        }
        yield return prototype.Substring(start, end - start);
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private sealed class Method(
        string key, string name, string? self, string owner, string returns, string? awaited, List<Parameter> parameters, string kernel, List<Function> functions)
    {
        public string Key => key;

        public string Name => name;

        public string? Self => self;

        public string Owner => owner;

        public string Return => returns;

        public string? Awaited => awaited;

        public List<Parameter> Parameters => parameters;

        public string Kernel => kernel;

        public List<Function> Functions => functions;
    }

    private sealed class Parameter(string name, string type, string prefix)
    {
        public string Name => name;

        public string Type => type;

        public string Prefix => prefix;
    }

    private sealed class Function(string file, string prototype, string? result, bool neverReturns)
    {
        public string File => file;

        public string Prototype => prototype;

        public string? Result => result;

        public bool NeverReturns => neverReturns;
    }
}
