using Kennel.Tracing.D.Output;
using Kennel.Tracing.D.Syntax;

namespace Kennel.Tracing.D.Compile;

/// <summary>The arguments of aggregating functions, and the constant ones of lquantize and llquantize.</summary>
internal sealed partial class DCompiler
{
    private long[] Parameters(CallNode call, AggregatingFunction function)
    {
        (int low, int high) = function switch
        {
            AggregatingFunction.Count => (0, 0),
            AggregatingFunction.Quantize => (1, 2),
            AggregatingFunction.Lquantize => (3, 5),
            AggregatingFunction.Llquantize => (5, 6),
            _ => (1, 1),
        };
        int given = call.Arguments.Count;
        if (given > high && high > low) throw Prototype($"{call.Name}( )", given, $"at most {high}", call.Line);
        Arity(call, low, high);
        return function switch
        {
            AggregatingFunction.Lquantize => Linear(call),
            AggregatingFunction.Llquantize => LogLinear(call),
            _ => [],
        };
    }

    private long[] Linear(CallNode call)
    {
        long low = Bound(1, "BASE"), high = Bound(2, "LIM"), step = 1;
        if (high < low) throw Bad("MISMATCH", "base (argument #1) must be less than limit (argument #2)");
        if (call.Arguments.Count > 3)
        {
            step = Constant(call.Arguments[3]) is > 0 and var s ? s : throw Bad("STEPTYPE", "argument #3 must be a non-zero positive integer constant");
            if (step > ushort.MaxValue) throw Bad("STEPVAL", "argument #3 must be a 16-bit quantity");
        }
        long levels = (high - low) / step;
        if (levels == 0) throw Bad("STEPLARGE", "step (argument #3) too large: must have at least one quantization level");
        if (levels > ushort.MaxValue) throw Bad("STEPSMALL", "step (argument #3) too small: number of quantization levels must be a 16-bit quantity");
        return [low, high, step];

        long Bound(int index, string tag)
        {
            long value = Constant(call.Arguments[index]) ?? throw Bad(tag + "TYPE", $"argument #{index} must be an integer constant");
            return value == (int)value ? value : throw Bad(tag + "VAL", $"argument #{index} must be a 32-bit quantity");
        }

        DCompileException Bad(string tag, string text) => new("D_LQUANT_" + tag, call.Line, $"lquantize( ) {text}");
    }

    private long[] LogLinear(CallNode call)
    {
        var values = new long[4];
        for (int i = 0; i < 4; i++)
        {
            values[i] = Constant(call.Arguments[i + 1]) ?? throw Bad(LogLinearNames[i].Tag + "TYPE", $"argument #{i + 2} ({LogLinearNames[i].Name}) must be an integer constant");
            if (values[i] is < 0 or > ushort.MaxValue) throw Bad(LogLinearNames[i].Tag + "VAL", $"argument #{i + 2} ({LogLinearNames[i].Name}) must be an unsigned 16-bit quantity");
        }
        (long factor, long low, long high, long steps) = (values[0], values[1], values[2], values[3]);
        if (factor < 2) throw Bad("FACTORSMALL", "factor (argument #2) must be two or more");
        if (low > high) throw Bad("MAGRANGE", "high magnitude (argument #4) must be greater than low magnitude (argument #3)");
        if (factor > steps) throw Bad("FACTORNSTEPS", "factor (argument #2) must be less than or equal to the number of linear steps per magnitude (argument #5)");
        // The steps have to divide the first power of the factor that is not below them.
        Int128 power = 1;
        while (power < steps) power *= factor;
        if (steps % factor != 0 || power % steps != 0) throw Bad("FACTOREVEN", "factor (argument #2) must evenly divide the number of steps per magnitude (argument #5), and the number of steps per magnitude must evenly divide a power of the factor");
        Int128 top = 1;
        for (long m = 0; m <= high; m++)
        {
            top *= factor;
            if (top > long.MaxValue) throw Bad("MAGTOOBIG", $"factor ({factor}) raised to power of high magnitude ({high}) overflows 64-bits");
        }
        return values;

        DCompileException Bad(string tag, string text) => new("D_LLQUANT_" + tag, call.Line, $"llquantize( ) {text}");
    }

    private static DCompileException OtherParameters(DAggregation known, CallNode call, long[] parameters)
    {
        int first = Enumerable.Range(0, parameters.Length).First(i => known.Parameters[i] != parameters[i]);
        bool linear = known.Function == AggregatingFunction.Lquantize;
        (string tag, string what) = linear
            ? ("D_LQUANT_MATCH" + LinearNames[first].Tag, $"{LinearNames[first].Name} (argument #{first + 1})")
            : ("D_LLQUANT_" + LogLinearNames[first].Tag + "MATCH", $"{LogLinearNames[first].Name} (argument #{first + 2})");
        return new(tag, call.Line, $"{call.Name}( ) {what} doesn't match previous declaration: expected {known.Parameters[first]}, found {parameters[first]}");
    }

    private static (string Tag, string Name)[] LinearNames => [("BASE", "base"), ("LIM", "limit"), ("STEP", "step")];

    private static (string Tag, string Name)[] LogLinearNames => [("FACTOR", "factor"), ("LOW", "low magnitude"), ("HIGH", "high magnitude"), ("NSTEP", "linear steps per magnitude")];

    private long? Constant(Node node) => ConstantFolder.TryEvaluate(node, ConstantNamed);

    private Node? ConstantNamed(string name) =>
        _inlines.TryGetValue(name, out InlineItem? inline) && inline.Parameters == null ? inline.Value : KernelConstants.Find(name) is { } value ? new IntegerNode(0, value, _types.Int) : null;
}
