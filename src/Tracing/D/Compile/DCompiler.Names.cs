using System.Linq.Expressions;
using Kennel.Probes;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>Variables: a script's own, built-in ones, inlines, and the kernel's.</summary>
internal sealed partial class DCompiler
{
    private Operand Name(NameNode node)
    {
        if (node.Scope == Scope.Global)
        {
            if (_scopes.Count > 0 && _scopes.Peek().TryGetValue(node.Name, out Operand? bound)) return bound;
            if (_inlines.TryGetValue(node.Name, out InlineItem? inline)) return Inline(inline, node.Line);
        }
        if (_variables.Find(node.Scope, node.Name) is { } variable)
        {
            if (variable.Storage == Storage.Table) throw new DCompileException("D_IDENT_BADREF", node.Line, $"associative array '{node.Shown}' may not be referenced as scalar");
            return Read(variable);
        }
        if (node.Scope == Scope.Global)
        {
            if (BuiltIn(node.Name, node.Line) is { } builtIn)
            {
                RequireStability(Stability.Of(node.Name), node.Name, node.Line);
                return builtIn;
            }
            if (KernelConstants.Find(node.Name) is { } constant) return Constant(constant, constant == (int)constant ? _types.Int : _types.Long);
            if (FunctionNames.Contains(node.Name)) throw new DCompileException("D_IDENT_BADREF", node.Line, $"function '{node.Name}' may not be referenced as scalar");
            throw new DCompileException("D_IDENT_UNDEF", node.Line, $"failed to resolve {node.Name}: Unknown variable name");
        }
        throw new DCompileException("D_VAR_UNDEF", node.Line, $"{node.Shown} has not yet been declared or assigned");
    }

    // -x amin
    private void RequireStability(string attributes, string name, int line)
    {
        _attributes = Stability.Least(_attributes, attributes);
        if (_options.LeastAttributes is { } least && !Stability.IsAtLeast(attributes, least)) throw new DCompileException("D_ATTR_MIN", line, $"attributes for {name} ({attributes}) are less than predefined minimum");
    }

    private Operand Read(DVariable v)
    {
        Expression code = v.Storage switch
        {
            Storage.Memory => Expression.Constant(v.Slot),
            Storage.Text => Static(nameof(DRuntime.Loaded), SlotCode(v)),
            _ => SlotCode(v),
        };
        return new Operand(v.Type, code)
        {
            Object = v.Storage == Storage.Number ? ObjectBehind(v.Type, code) : null,
            NullTest = v is { Storage: Storage.Text, Scope: Scope.Thread } ? Static(nameof(DRuntime.IsNull), SlotCode(v)) : null,
        };
    }

    private Expression SlotCode(DVariable v)
    {
        Expression slot = Expression.Constant((int)v.Slot);
        bool text = v.Storage == Storage.Text;
        return v.Scope switch
        {
            Scope.Thread => Call(text ? nameof(DRuntime.SelfText) : nameof(DRuntime.SelfNumber), slot),
            Scope.Clause => Expression.ArrayAccess(Expression.Field(_rt, text ? nameof(DRuntime.ClauseTexts) : nameof(DRuntime.ClauseNumbers)), slot),
            _ => Expression.ArrayAccess(Expression.Field(_rt, text ? nameof(DRuntime.Texts) : nameof(DRuntime.Numbers)), slot),
        };
    }

    private Expression TableCode(DVariable v)
    {
        Expression slot = Expression.Constant((int)v.Slot);
        return v.Scope switch
        {
            Scope.Thread => Call(nameof(DRuntime.SelfTable), slot),
            Scope.Clause => Expression.ArrayIndex(Expression.Field(_rt, nameof(DRuntime.ClauseTables)), slot),
            _ => Expression.ArrayIndex(Expression.Field(_rt, nameof(DRuntime.Tables)), slot),
        };
    }

    /// <summary>For a pointer to a kernel structure that is only known by its address: how to get at the object.</summary>
    private Expression? ObjectBehind(CType type, Expression code) =>
        type.Resolved is CPointer { Target.Resolved: CStruct { Kernel: not null } s } ? Expression.Call(Memory, nameof(DMemory.Resolve), null, code, Expression.Constant(s.Size)) : null;

    private Operand Inline(InlineItem item, int line, IReadOnlyList<Operand>? arguments = null)
    {
        int given = arguments?.Count ?? 0, wanted = item.Parameters?.Count ?? 0;
        if (given != wanted) throw Prototype($"{item.Name}[ ]", given, $"{wanted}", line);
        if (!_expanding.Add(item.Name)) throw new DCompileException("D_IDENT_UNDEF", line, $"inline definition of {item.Name} refers to itself");
        Dictionary<string, Operand> scope = new(StringComparer.Ordinal);
        for (int i = 0; i < given; i++) scope[item.Parameters![i].Name] = Convert(arguments![i], item.Parameters[i].Type, line);
        _scopes.Push(scope);
        Operand value = Value(item.Value);
        _scopes.Pop();
        _expanding.Remove(item.Name);
        return Convert(value, item.Type, line);
    }

    /// <summary>A value as another type has it; a mistake when they do not go together.</summary>
    private Operand Convert(Operand value, CType type, int line)
    {
        if (type.Resolved is CText)
        {
            return value.IsText ? value : value.IsCharacters || value.Target?.Resolved is CInteger { Size: 1 } ? StringOf(value, line) : value.Constant == 0
                ? new Operand(_text, Expression.Constant(null, typeof(string))) : throw Incompatible("=", new Operand(type, value.Code), value, line);
        }
        if (type.Resolved is CInteger or CEnum && value.IsInteger) return value.Constant is { } c ? Constant(c, type) : new Operand(type, Fit(value.Code, type));
        if (type.Resolved is CPointer && (value.IsPointer || value.IsInteger)) return new Operand(type, value.Code) { Object = value.Object, Constant = value.Constant };
        if (type.Resolved is CInteger && value.IsScalar) return new Operand(type, Fit(value.Code, type));
        if (type.SameAs(value.Type)) return value;
        throw Incompatible("=", new Operand(type, value.Code), value, line);
    }

    private Operand External(ExternalNode node)
    {
        RequireStability("Private/Private/Unknown", node.Name, node.Line);
        if (_model.FindVariable(node.Name) is { } variable)
        {
            CType type = TypeParser.Parse(variable.Type, _types) ?? _types.Long;
            ConstantExpression descriptor = Expression.Constant(variable);
            Expression number = Call(nameof(DRuntime.VariableNumber), descriptor);
            if (type.Resolved is CArray { IsText: true }) return new Operand(type, number) { Object = Call(nameof(DRuntime.VariableObject), descriptor) };
            bool holdsObject = type.Resolved is CPointer or CStruct or CArray;
            return new Operand(type, Fit(number, type)) { Object = holdsObject ? Call(nameof(DRuntime.VariableObject), descriptor) : null };
        }
        if (_model.Functions.FirstOrDefault(f => f.Name == node.Name) is { } function)
        {
            List<CType> parameters = [.. function.Parameters.Select(p => TypeParser.Parse(p.Type, _types) ?? _types.Long)];
            return Number(new CFunction(TypeParser.Parse(function.ReturnType, _types) ?? _types.Long, parameters, false), Expression.Constant((long)_model.AddressOf(function)));
        }
        string shown = node.Module.Length == 0 ? "`" + node.Name : node.Module + "`" + node.Name;
        throw new DCompileException("D_SYM_NOSYM", node.Line, $"failed to resolve {shown}: Unknown symbol name");
    }

    // Assignment.

    private Operand Assign(AssignNode node)
    {
        if (node.Target is AggregationNode a) throw new DCompileException("D_AGG_NULL", node.Line, $"@{a.Name} may only be assigned the result of an aggregating function, in a statement of its own");
        // Arrays that are kept as tables have no value as a whole.
        if (node.Target is NameNode n && _variables.Find(n.Scope, n.Name) is { Storage: Storage.Table, Declared: { } whole }) throw new DCompileException("D_OP_ARRFUN", node.Line, $"operator {node.Operator} may not be applied to operand of type \"{whole}\"");
        string op = node.Operator[..^1];
        Operand value = Value(node.Value);
        if (value.Action is { } action) throw new DCompileException("D_OP_ACT", node.Line, $"operator {node.Operator} cannot be applied to an action: {action}( )");
        if (value.IsVoid) throw new DCompileException("D_OP_VOID", node.Line, "operand of void type may not be assigned");
        if (value.IsTranslated) throw new DCompileException("D_OP_DYN", node.Line, $"operator {node.Operator} cannot be applied to a dynamic expression");
        Place place = PlaceOf(node.Target, op.Length == 0 ? value : null, node.Line);
        if (place.Type.Resolved is CArray) throw new DCompileException("D_OP_ARRFUN", node.Line, $"operator {node.Operator} may not be applied to operand of type \"{place.Type}\"");
        if (op is "+" or "-") CheckStepOf(place.Type, value, node);
        if (op.Length == 0 && place.Type.Resolved is CStruct target)
        {
            if (!value.Type.SameAs(place.Type)) throw Incompatible("=", new Operand(place.Type, value.Code), value, node.Line);
            return new Operand(place.Type, Block(place, Expression.Block(Expression.Call(Memory, nameof(DMemory.Copy), null, value.Code, place.Read, Expression.Constant((long)target.Size)), place.Read)));
        }
        if (op.Length > 0) value = Arithmetic(op, new Operand(place.Type, place.Read), value, node.Line);
        Operand stored = Convert(value, place.Type, node.Line);
        return new Operand(place.Type, Block(place, place.Write(stored.Code)));
    }

    // K&R A7.17; what pointers to void and functions step by is not known.
    private void CheckStepOf(CType target, Operand value, AssignNode node)
    {
        if (target.Resolved is CText || value.IsText) throw Incompatible(node.Operator, new Operand(target, Expression.Constant(0L)), value, node.Line);
        if (target.Resolved is CPointer { Target.Resolved: CVoid or CFunction }) throw new DCompileException("D_OP_VFPTR", node.Line, $"operator {node.Operator} requires left-hand scalar operand of known size");
    }

    private Operand Step(StepNode node)
    {
        if (node.Target is NameNode n && _variables.Find(n.Scope, n.Name) == null && !IsBuiltIn(n.Name)) _variables.Add(n.Scope, n.Name, _types.FindName("int64_t")!, null);
        else if (node.Target is IndexNode { Array: NameNode table } index && _variables.Find(table.Scope, table.Name) == null) _ = TablePlace(table, [.. index.Keys.Select(Value)], Constant(0, _types.FindName("int64_t")!), node.Line);
        Place place = PlaceOf(node.Target, null, node.Line);
        if (place.Type.Resolved is CPointer { Target.Resolved: CVoid or CFunction }) throw new DCompileException("D_OP_VFPTR", node.Line, $"operator {(node.By > 0 ? "++" : "--")} requires operand of known size");
        if (place.Type.Resolved is not (CInteger or CPointer)) throw new DCompileException("D_OP_SCALAR", node.Line, $"operator {(node.By > 0 ? "++" : "--")} requires an operand of scalar type");
        int by = node.By * (place.Type.Resolved is CPointer p ? Math.Max(p.Target.Size, 1) : 1);
        ParameterExpression old = Expression.Variable(typeof(long));
        Expression changed = place.Write(Fit(Expression.Add(old, Expression.Constant((long)by)), place.Type));
        Expression code = Expression.Block([old], Expression.Assign(old, place.Read), node.IsPostfix ? Expression.Block(changed, old) : changed);
        return new Operand(place.Type, Block(place, code));
    }

    private static Expression Block(Place place, Expression code) => place.Temporaries.Count == 0
        ? code
        : Expression.Block(place.Temporaries.Select(t => t.Variable), [.. place.Temporaries.Select(t => Expression.Assign(t.Variable, t.Value)), code]);

    /// <summary>Where an assignment goes.</summary>
    /// <param name="node">Its left side.</param>
    /// <param name="first">What is assigned, if that may make the variable.</param>
    /// <param name="line">The line.</param>
    private Place PlaceOf(Node node, Operand? first, int line)
    {
        switch (node)
        {
            case NameNode n:
                return VariablePlace(n, first, line);
            case IndexNode { Array: NameNode n } i when _variables.Find(n.Scope, n.Name) is null or { Storage: Storage.Table }:
                if (n.Scope == Scope.Global && (IsBuiltIn(n.Name) || _inlines.ContainsKey(n.Name))) break;
                DVariable? array = _variables.Find(n.Scope, n.Name);
                if (array == null && n.Scope == Scope.Clause) throw new DCompileException("D_ARR_LOCAL", line, $"local variables cannot be associative arrays: {n.Shown}");
                List<Operand> keys = [.. i.Keys.Select(Value)];
                if (array != null) CheckBounds(array, keys, line);
                return TablePlace(n, keys, first, line);
            case IndexNode or UnaryNode { Operator: "*" } or MemberNode:
                return MemoryPlace(node, line);
        }
        if (node is NameNode or IndexNode { Array: NameNode }) throw new DCompileException("D_OP_WRITE", line, "operator = can only be applied to a writable variable");
        throw new DCompileException("D_OP_LVAL", line, "operator = requires modifiable lvalue as an operand");
    }

    private Place VariablePlace(NameNode n, Operand? first, int line)
    {
        if (n.Scope == Scope.Global && (_inlines.ContainsKey(n.Name) || IsBuiltIn(n.Name) || KernelConstants.Find(n.Name) != null && _variables.Find(n.Scope, n.Name) == null))
        {
            throw new DCompileException("D_OP_WRITE", line, $"operator = can only be used to assign to a writable variable: {n.Shown}");
        }
        DVariable? v = _variables.Find(n.Scope, n.Name);
        if (v == null)
        {
            if (first == null) throw new DCompileException(n.Scope == Scope.Global ? "D_IDENT_UNDEF" : "D_VAR_UNDEF", line, n.Scope == Scope.Global ? $"failed to resolve {n.Name}: Unknown variable name" : $"{n.Shown} has not yet been declared or assigned");
            v = _variables.Add(n.Scope, n.Name, FirstType(first), null);
        }
        if (v.Storage == Storage.Table) throw new DCompileException("D_OP_LVAL", line, $"{n.Shown} is an associative array and needs an index");
        if (v.Storage == Storage.Memory) return new Place(v.Type, [], Expression.Constant(v.Slot), _ => Expression.Constant(v.Slot));
        Expression slot = SlotCode(v);
        Expression Write(Expression value)
        {
            if (v.Storage == Storage.Text) value = Call(nameof(DRuntime.Stored), value);
            Expression written = v.Scope == Scope.Thread ? Call(nameof(DRuntime.SetSelf), Expression.Constant((int)v.Slot), value) : Expression.Assign(slot, value);
            return v.Storage == Storage.Text && v.Scope != Scope.Thread ? Static(nameof(DRuntime.Loaded), written) : written;
        }
        return new Place(v.Type, [], v.Storage == Storage.Text ? Static(nameof(DRuntime.Loaded), slot) : slot, Write);
    }

    // An untyped variable takes the type of what it is first given; an array becomes a pointer.
    private CType FirstType(Operand value) => value.IsText || value.IsCharacters ? _text : value.Type.Resolved is CArray a ? _types.PointerTo(a.Element) : value.Type.Resolved is CFunction ? _types.UnsignedLong : value.Type;

    private Place TablePlace(NameNode n, List<Operand> values, Operand? first, int line)
    {
        DVariable? v = _variables.Find(n.Scope, n.Name);
        if (v == null)
        {
            if (first == null) throw new DCompileException("D_IDENT_UNDEF", line, $"failed to resolve {n.Shown}: Unknown variable name");
            for (int i = 0; i < values.Count; i++) CheckKey(values[i], "associative array", i, line);
            v = _variables.Add(n.Scope, n.Name, FirstType(first), [.. values.Select(FirstType)]);
        }
        ParameterExpression table = Expression.Variable(typeof(KeyedTable<KeyPart>)), key = Expression.Variable(typeof(KeyPart[]));
        bool text = v.Type.Resolved is CText;
        Expression read = Static(text ? nameof(DRuntime.GetText) : nameof(DRuntime.GetNumber), FindCode(table, key));
        return new Place(v.Type, [(table, TableCode(v)), (key, KeyArray(KeyParts(v, values, line)))], read, value =>
            Static(text ? nameof(DRuntime.SetText) : nameof(DRuntime.SetNumber), table, key, text ? Call(nameof(DRuntime.Stored), value) : value));
    }

    private static MethodCallExpression FindCode(Expression table, Expression key) => Static(nameof(DRuntime.FindEntry), table, key) as MethodCallExpression ?? throw new InvalidOperationException();

    private static NewArrayExpression KeyArray(IEnumerable<Expression> parts) => Expression.NewArrayInit(typeof(KeyPart), parts);

    private static void CheckKey(Operand value, string kind, int index, int line)
    {
        if (!value.IsText && !value.IsScalar && !value.IsCharacters) throw new DCompileException("D_KEY_TYPE", line, $"{value.Type} expression may not be used as {kind} index: key #{index + 1}");
    }

    /// <summary>Keys, each as its declared type has it.</summary>
    private List<Expression> KeyParts(DVariable v, IReadOnlyList<Operand> values, int line)
    {
        if (values.Count != v.Keys!.Count) throw Prototype($"{v.Name}[ ]", values.Count, $"{v.Keys.Count}", line);
        List<Expression> parts = [];
        for (int i = 0; i < values.Count; i++)
        {
            Operand value = values[i];
            CType type = v.Keys[i];
            bool fits = type.Resolved is CText ? value.IsText || value.IsCharacters || value.Target?.Resolved is CInteger { Size: 1 } : value.IsScalar;
            if (!fits) throw new DCompileException("D_PROTO_ARG", line, $"{v.Name}[ ] argument #{i + 1} is incompatible with prototype:\n\tprototype: {type}\n\t argument: {value.Type}");
            Expression part = Convert(value, type, line).Code;
            if (v.Declared is { } array && value.Constant == null) part = Static(nameof(DRuntime.Bounded), part, Expression.Constant((long)array.Count));
            parts.Add(Static(nameof(DRuntime.Key), part));
        }
        return parts;
    }
}
