using System.Reflection;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>A method that scripts call under this name (man 3stap function::NAME). Its parameters behind the runtime are long or string.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class StapFunctionAttribute(string name) : Attribute
{
    public string Name => name;

    /// <summary>It changes or prints something: a call counts though nobody takes its value.</summary>
    public bool Acts { get; init; }

    /// <summary>Only with -g.</summary>
    public bool Guru { get; init; }

    /// <summary>The structure that its value points to.</summary>
    public string? PointsTo { get; init; }
}

/// <summary>All native functions.</summary>
internal static class NativeFunctions
{
    private static readonly Type[] _homes =
    [
        typeof(ContextFunctions), typeof(TaskFunctions), typeof(MemoryFunctions), typeof(TextFunctions), typeof(TimeFunctions), typeof(StackFunctions),
        typeof(SessionFunctions), typeof(SyscallFunctions), typeof(ArgumentFunctions), typeof(FloatFunctions), typeof(NumberFunctions), typeof(StructTexts),
    ];

    public static IEnumerable<Function> All()
    {
        foreach (MethodInfo method in _homes.SelectMany(h => h.GetMethods(BindingFlags.Static | BindingFlags.Public)))
        {
            foreach (StapFunctionAttribute attribute in method.GetCustomAttributes<StapFunctionAttribute>())
            {
                ParameterInfo[] parameters = method.GetParameters();
                if (parameters.Length == 0 || parameters[0].ParameterType != typeof(StapRuntime)) throw new InvalidOperationException($"{method.Name} is no script function");
                yield return new Function(attribute.Name, parameters.Length - 1)
                {
                    Native = method,
                    ReturnType = TypeOf(method.ReturnType),
                    IsPure = !attribute.Acts,
                    NeedsGuru = attribute.Guru,
                    PointsTo = attribute.PointsTo,
                    Parameters = [.. parameters.Skip(1).Select(p => new Variable(p.Name!, null!, false) { Type = TypeOf(p.ParameterType), IsParameter = true })],
                };
            }
        }
    }

    private static StapType TypeOf(Type type) => type == typeof(string) ? StapType.String : StapType.Long;
}
