using System.Linq.Expressions;
using Kennel.Probes;
using Kennel.Tracing.D.Output;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>
/// Turns the items of a D program into clauses of .NET code, in program order: a variable's type is that of the first assignment in the
/// text. Types are checked and code is made in one walk over each expression.
/// </summary>
internal sealed partial class DCompiler
{
    // A clause's code sees the running script as its one parameter.
    private readonly ParameterExpression _rt = Expression.Parameter(typeof(DRuntime), "rt");
    private readonly TypeTable _types;
    private readonly IKernelModel _model;
    private readonly DOptions _options;
    private readonly DRuntime _runtime;
    private readonly CText _text;
    private readonly VariableTable _variables = new();
    private readonly Dictionary<string, InlineItem> _inlines = new(StringComparer.Ordinal);
    private readonly List<TranslatorItem> _translators = [];
    private readonly List<DAggregation> _aggregations = [];

    // What names stand for inside inlines with parameters and translators.
    private readonly Stack<Dictionary<string, Operand>> _scopes = new();
    private readonly HashSet<string> _expanding = [];

    private IReadOnlyList<DProbe> _probes = [];
    private ClauseState _clause = new();
    private int _depth;
    private string _attributes = Stability.Common;

    /// <summary>How stable what the statements use is, at worst.</summary>
    public string Attributes => _attributes;

    /// <summary>Whether something in the program needs leave to change the guest.</summary>
    public bool IsDestructive { get; private set; }

    public DCompiler(TypeTable types, CText text, DRuntime runtime)
    {
        (_types, _text, _runtime, _model, _options) = (types, text, runtime, runtime.Model, runtime.Options);
    }

    /// <summary>What was being compiled when a mistake was found.</summary>
    public string Region { get; private set; } = "";

    /// <summary>Shown each clause's code (-S).</summary>
    public Action<ClauseItem, DClause, Expression>? Listing { get; init; }

    /// <summary>The aggregations, by their first use.</summary>
    public IReadOnlyList<DAggregation> Aggregations => _aggregations;

    public void Declare(VariableItem item)
    {
        if (item.Keys == null && item.Type.Resolved is CVoid) throw new DCompileException("D_DECL_VOIDOBJ", item.Line, $"cannot declare void object: {item.Name}");
        if (item.Type.Resolved is CStruct { IsComplete: false }) throw new DCompileException("D_DECL_INCOMPLETE", item.Line, $"incomplete struct/union/enum {item.Type}: {item.Name}");
        if (item.Scope == Scope.Global && (IsBuiltIn(item.Name) || FunctionNames.Contains(item.Name))) throw new DCompileException("D_DECL_IDRED", item.Line, $"identifier redeclared: {item.Name}");
        // An array of strings, or of pointers, is kept as a table by its index.
        IReadOnlyList<CType>? keys = item.Keys;
        CType type = item.Type;
        CArray? declared = null;
        if (keys != null && item.Scope == Scope.Clause) throw new DCompileException("D_DECL_LOCASSC", item.Line, $"associative array may not be declared as local variable: {item.Name}");
        if (keys?.FirstOrDefault(k => k.Resolved is CVoid or CFunction or CStruct) is { } bad) throw new DCompileException("D_DECL_PROTO_TYPE", item.Line, $"invalid type for array index: {bad}");
        if (keys == null && type.Resolved is CArray { Count: -1 }) throw new DCompileException("D_DECL_ARRNULL", item.Line, "array declaration requires array dimension or tuple signature");
        if (keys == null && type.Resolved is CArray { IsText: false } array && array.Element.Resolved is CText or CPointer or CInteger) (type, keys, declared) = (array.Element, [_types.Int], array);
        if (_variables.Find(item.Scope, item.Name) is { } known)
        {
            if (known.Type.SameAs(type) || (known.Type.Resolved is CText && type.Resolved is CText)) return;
            throw new DCompileException("D_DECL_IDRED", item.Line, $"identifier redeclared: {item.Name}\n\t current: {type.Declare(item.Name)}\n\tprevious: {known.Type.Declare(item.Name)}");
        }
        if (item.Scope == Scope.Global && _inlines.ContainsKey(item.Name)) throw new DCompileException("D_DECL_IDRED", item.Line, $"identifier redeclared: {item.Name}");
        _variables.Add(item.Scope, item.Name, type, keys, declared);
    }

    public void Declare(InlineItem item)
    {
        if (_variables.Find(Scope.Global, item.Name) != null || IsBuiltIn(item.Name) || _inlines.ContainsKey(item.Name)) throw new DCompileException("D_DECL_IDRED", item.Line, $"identifier redeclared: {item.Name}");
        _inlines[item.Name] = item;
        // Its definition is checked where it stands, if it needs nothing that comes later.
        if (item.Parameters == null) TryCheck(() => Inline(item, item.Line), () => _expanding.Clear());
    }

    public void Declare(TranslatorItem item)
    {
        if (item.Output.Resolved is not CStruct { IsComplete: true } output) throw new DCompileException("D_XLATE_SOU", item.Line, $"output translator definition must be struct or union: {item.Output}");
        foreach ((string member, _) in item.Members)
        {
            if (output.Find(member) == null) throw new DCompileException("D_XLATE_MEMB", item.Line, $"translator member {member} is not a member of output {item.Output}");
        }
        if (_translators.Any(t => t.Output.SameAs(item.Output) && t.Input.SameAs(item.Input))) throw new DCompileException("D_XLATE_REDECL", item.Line, $"translator from {item.Input} to {item.Output} has already been declared");
        foreach ((string member, Node value) in item.Members) TryCheck(() => CheckMember(item, output.Find(member)!, value), _scopes.Clear);
        _translators.Add(item);
    }

    // What is wrong for good is said at once; a name that is not known yet may come.
    private void TryCheck(Action check, Action reset)
    {
        try
        {
            check();
        }
        catch (DCompileException e) when (e.Tag is "D_IDENT_UNDEF" or "D_VAR_UNDEF" or "D_ARGS_NONE" or "D_ARGS_IDX" or "D_XLATE_NONE" or "D_SYM_NOSYM" or "D_AGG_UNDEF")
        {
            _scopes.Clear();
            _depth = 0;
        }
        finally
        {
            reset();
        }
    }

    private void CheckMember(TranslatorItem item, CMember member, Node value)
    {
        _scopes.Push(new Dictionary<string, Operand>(StringComparer.Ordinal) { [item.Name] = new Operand(item.Input, Expression.Constant(item.Input.Resolved is CText ? "" : (object)0L)) { Object = item.Input.Resolved is CPointer { Target.Resolved: CStruct { Kernel: not null } } or CStruct { Kernel: not null } ? Expression.Constant(null, typeof(object)) : null } });
        Operand result = Value(value);
        bool text = member.Type.Resolved is CText or CArray { IsText: true };
        bool fits = text ? result.IsText || result.IsPointer || result.Constant == 0 : !result.IsText && (result.IsScalar || result.Type.SameAs(member.Type));
        if (!fits) throw new DCompileException("D_XLATE_INCOMPAT", item.Line, $"translator member {member.Name} definition uses incompatible types: \"{member.Type}\" = \"{result.Type}\"");
    }

    /// <summary>Compiles a clause.</summary>
    /// <param name="item">The clause.</param>
    /// <param name="id">Its number.</param>
    /// <param name="probes">The probes that it is bound to.</param>
    public DClause Compile(ClauseItem item, int id, IReadOnlyList<DProbe> probes)
    {
        _probes = probes;
        _clause = new ClauseState();
        var clause = new DClause(id) { IsDefault = item.Body.Count == 0 };
        Expression? predicate = null;
        Expression body;
        Region = "predicate";
        bool early = item.Predicate != null && TryPredicate(item.Predicate, out predicate);
        Region = "action list";
        if (early) body = Statements(item.Body);
        else
        {
            // The predicate names what only its own body assigns.
            body = Statements(item.Body);
            Region = "predicate";
            if (item.Predicate != null) predicate = Condition(Value(item.Predicate), item.Predicate.Line);
        }
        Region = "";
        // A speculate() with no other action speculates the default one.
        clause.Records = _clause.Records || _clause.Speculates || clause.IsDefault;
        CheckClause(item.Line);
        LabelTarget end = _clause.End;
        Expression code = Expression.Block(
            predicate == null ? Expression.Empty() : Expression.IfThen(Expression.Not(predicate), Expression.Return(end, Expression.Constant(false))),
            body,
            Expression.Label(end, Expression.Constant(true)));
        Listing?.Invoke(item, clause, code);
        clause.Body = Expression.Lambda<Func<DRuntime, bool>>(code, _rt).Compile();
        // So that the first firing takes no longer than the others.
        System.Runtime.CompilerServices.RuntimeHelpers.PrepareDelegate(clause.Body);
        return clause;
    }

    /// <summary>Makes room for all variables.</summary>
    public void Allocate()
    {
        (int, int, int) Sizes(Scope s) => (_variables.Count(s, Storage.Number), _variables.Count(s, Storage.Text), _variables.Count(s, Storage.Table));
        (int numbers, int texts, int tables) = Sizes(Scope.Global);
        _runtime.SetSizes(numbers, texts, tables, Sizes(Scope.Thread), Sizes(Scope.Clause), _variables.MemorySize);
    }

    private bool TryPredicate(Node node, out Expression? predicate)
    {
        try
        {
            predicate = Condition(Value(node), node.Line);
            return true;
        }
        catch (DCompileException e) when (e.Tag is "D_IDENT_UNDEF" or "D_VAR_UNDEF")
        {
            predicate = null;
            return false;
        }
    }

    private Expression Statements(IReadOnlyList<Statement> statements)
    {
        List<Expression> code = [];
        foreach (Statement s in statements)
        {
            _clause.Action++;
            code.Add(Expression.Assign(Expression.Field(_rt, nameof(DRuntime.Action)), Expression.Constant(_clause.Action)));
            code.Add(s switch
            {
                ExpressionStatement e => Effect(e.Expression),
                IfStatement i => Expression.IfThenElse(Condition(Value(i.Condition), i.Line), Statements(i.Yes), Statements(i.No)),
                _ => Expression.Empty(),
            });
        }
        code.Add(Expression.Empty());
        return Expression.Block(typeof(void), code);
    }

    /// <summary>An expression whose value nobody wants: an action, an assignment, a choice between some.</summary>
    private Expression Effect(Node node)
    {
        Enter(node.Line);
        Expression code;
        switch (node)
        {
            case ConditionalNode c:
                code = Expression.IfThenElse(Condition(Value(c.Condition), c.Line), Effect(c.Yes), Effect(c.No));
                break;
            case CommaNode comma:
                code = Expression.Block(typeof(void), Effect(comma.First), Effect(comma.Second));
                break;
            case AssignNode { Target: IndexNode { Array: AggregationNode } index }:
                throw Multidimensional(index);
            case AssignNode { Target: AggregationNode target } assign:
                code = Aggregate(target, assign);
                break;
            case CallNode call when Action(call) is { } action:
                code = action;
                break;
            default:
                Operand value = Value(node);
                code = Expression.Block(typeof(void), value.Code, Expression.Empty());
                break;
        }
        _depth--;
        return code;
    }

    private void CheckClause(int line)
    {
        if (_clause.Commits && _clause.Records) throw new DCompileException("D_COMM_DREC", line, "data-recording actions may not follow commit( )");
        if (_clause.Speculates && _clause.Aggregates) throw new DCompileException("D_AGG_SPEC", line, "aggregating actions may not follow speculate( )");
    }

    private void Enter(int line)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > 500) throw new DCompileException("D_SYNTAX", line, "expression is nested too deeply");
    }

    /// <summary>What has been seen of a clause.</summary>
    private sealed class ClauseState
    {
        public int Action;
        public bool Records, Commits, Speculates, Aggregates;

        public LabelTarget End { get; } = Expression.Label(typeof(bool), "end");
    }
}
