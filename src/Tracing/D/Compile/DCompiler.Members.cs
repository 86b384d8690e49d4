using System.Linq.Expressions;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>Pointers, members, elements and translators.</summary>
internal sealed partial class DCompiler
{
    private Operand Member(MemberNode node)
    {
        if (node.Object is TranslateNode translate && TranslatorFor(translate, out Operand input) is { } translator) return Translated(translator, input, node.Name, node.Line);
        Operand outer = Value(node.Object);
        CStruct type = StructOf(outer, node);
        // A thread is a task as well: Linux' scripts ask curthread for its pid and comm.
        CMember member = type.Find(node.Name)
            ?? (type.Name == "kthread_t" && outer.Object != null && _types.Tag("struct", "task_struct") is CStruct task ? task.Find(node.Name) : null)
            ?? throw new DCompileException("D_TYPE_MEMBER", node.Line, $"{node.Name} is not a member of {type}");
        if (member.Kernel is { } field && outer.Object is { } known)
        {
            if (member.Type.Resolved is CText) return new Operand(_text, Call(nameof(DRuntime.TextOfObject), Expression.Call(Memory, nameof(DMemory.FieldObject), null, Expression.Constant(field), known)));
            if (known is MethodCallExpression { Method.Name: nameof(DMemory.Resolve) } && node.IsArrow && member.Type.Resolved is CInteger)
            {
                // The pointer may lead to a copy in the script's own memory.
                Expression own = Expression.Call(Memory, nameof(DMemory.IsOwn), null, outer.Code);
                Expression copy = LoadMember(Expression.Add(outer.Code, Expression.Constant((long)member.Offset)), member);
                Expression original = Fit(Expression.Call(Memory, nameof(DMemory.FieldNumber), null, Expression.Constant(field), known), member.Type);
                return Number(member.Type, Expression.Condition(own, copy, original));
            }
            return new Operand(member.Type, Fit(Expression.Call(Memory, nameof(DMemory.FieldNumber), null, Expression.Constant(field), known), member.Type))
            {
                Object = HoldsObject(member.Type) ? Expression.Call(Memory, nameof(DMemory.FieldObject), null, Expression.Constant(field), known) : null,
            };
        }
        Expression address = Expression.Add(outer.Code, Expression.Constant((long)member.Offset));
        if (member.Type.Resolved is CStruct or CArray) return new Operand(member.Type, address);
        Expression loaded = LoadMember(address, member);
        return new Operand(member.Type, loaded) { Object = ObjectBehind(member.Type, loaded), IsBitField = member.BitWidth > 0 };
    }

    private CStruct StructOf(Operand outer, MemberNode node)
    {
        // "->" and "." are taken for each other nowhere: D is strict here.
        if (node.IsArrow && !outer.IsPointer) throw new DCompileException("D_OP_PTR", node.Line, "operator -> must be applied to a pointer");
        CType? type = node.IsArrow ? outer.Target : outer.Type;
        if (type?.Resolved is CStruct found && (found.IsComplete || found.Kernel != null)) return found;
        if (type?.Resolved is CStruct incomplete) throw new DCompileException("D_OP_INCOMPLETE", node.Line, $"operator {(node.IsArrow ? "->" : ".")} cannot be applied to a forward declaration: no {incomplete} definition is available");
        throw new DCompileException("D_OP_SOU", node.Line, $"operator {(node.IsArrow ? "->" : ".")} cannot be applied to {(node.IsArrow ? "pointer to " : "")}type \"{type ?? outer.Type}\"; must be applied to a struct or union{(node.IsArrow ? " pointer" : "")}");
    }

    private static bool HoldsObject(CType type) => type.Resolved is CPointer or CStruct or CArray;

    private Expression LoadMember(Expression address, CMember member)
    {
        int size = member.Type.Size;
        bool isSigned = member.Type.Resolved is CInteger { IsSigned: true } or CEnum;
        Expression value = Load(address, size, isSigned);
        if (member.BitWidth == 0) return value;
        int up = 64 - member.BitOffset - member.BitWidth, down = 64 - member.BitWidth;
        Expression shifted = Expression.LeftShift(value, Expression.Constant(up));
        return isSigned
            ? Expression.RightShift(shifted, Expression.Constant(down))
            : Expression.Convert(Expression.RightShift(Expression.Convert(shifted, typeof(ulong)), Expression.Constant(down)), typeof(long));
    }

    private Expression Load(Expression address, int size, bool isSigned) =>
        Expression.Call(Memory, nameof(DMemory.Load), null, address, Expression.Constant(size), Expression.Constant(isSigned));

    private Operand AddressOf(UnaryNode node)
    {
        switch (node.Operand)
        {
            case ExternalNode e:
                Operand variable = External(e);
                Expression address = Call(nameof(DRuntime.VariableAddress), Expression.Constant(_model.FindVariable(e.Name), typeof(Probes.KernelVariable)), variable.Code);
                return new Operand(_types.PointerTo(variable.Type), address) { Object = variable.Type.Resolved is CStruct ? variable.Object : null };
            case AggregationNode a:
                throw Dynamic("aggregation", "@" + a.Name);
            case NameNode n:
                if (n.Scope == Scope.Global && _scopes.Count > 0 && _scopes.Peek().ContainsKey(n.Name)) break;
                if (_variables.Find(n.Scope, n.Name) == null) _ = Name(n);
                throw Dynamic(_variables.Find(n.Scope, n.Name) is { Storage: Storage.Table } ? "associative array" : "scalar", n.Shown);
            case IndexNode { Array: NameNode n } when _variables.Find(n.Scope, n.Name) is { Storage: Storage.Table }:
                throw Dynamic("associative array", n.Shown);
            case UnaryNode { Operator: "*" } inner:
                return Value(inner.Operand);
            case MemberNode or IndexNode:
                Operand place = Value(node.Operand);
                if (place.IsBitField) throw new DCompileException("D_ADDROF_BITFIELD", node.Line, "cannot take address of a bit-field");
                if (place.Type.Resolved is CStruct or CArray) return new Operand(_types.PointerTo(place.Type), place.Code) { Object = place.Object };
                Place memory = MemoryPlace(node.Operand, node.Line);
                return Number(_types.PointerTo(memory.Type), Block(memory, memory.Temporaries[0].Variable));
        }
        throw new DCompileException("D_ADDROF_LVAL", node.Line, "unacceptable operand for unary & operator");

        DCompileException Dynamic(string kind, string name) => new("D_ADDROF_VAR", node.Line, $"cannot take address of dynamic {kind} \"{name}\"");
    }

    private Operand Dereference(UnaryNode node)
    {
        if (node.Operand is NameNode { Scope: Scope.Global } n && FunctionNames.Contains(n.Name) && _variables.Find(n.Scope, n.Name) == null) throw new DCompileException("D_OP_VFPTR", node.Line, $"operator * cannot be applied to function {n.Name}( )");
        Operand pointer = Value(node.Operand);
        return Element(pointer, Constant(0, _types.Int), node.Line, "*");
    }

    private Operand Index(IndexNode node)
    {
        if (node.Array is NameNode n)
        {
            if (_variables.Find(n.Scope, n.Name) is { Storage: Storage.Table } table) return ReadTable(table, [.. node.Keys.Select(Value)], node.Line);
            if (n.Scope == Scope.Global && _variables.Find(n.Scope, n.Name) == null)
            {
                if (_inlines.TryGetValue(n.Name, out InlineItem? inline) && inline.Parameters != null) return Inline(inline, node.Line, [.. node.Keys.Select(Value)]);
                if (BuiltInArray(n.Name, node) is { } element) return element;
            }
        }
        if (node.Array is AggregationNode) throw Multidimensional(node);
        if (node.Keys.Count != 1) throw NotAssociative(node);
        return Element(Value(node.Array), Value(node.Keys[0]), node.Line, "[ ]");
    }

    private static DCompileException Multidimensional(IndexNode node) =>
        new("D_AGG_MDIM", node.Line, $"improper attempt to reference @{((AggregationNode)node.Array).Name} as a multi-dimensional array");

    private static DCompileException NotAssociative(IndexNode node) =>
        new("D_ARR_BADREF", node.Line, $"cannot access {(node.Array is NameNode n ? n.Shown : "expression")} as an associative array");

    private Operand ReadTable(DVariable v, IReadOnlyList<Operand> keys, int line)
    {
        CheckBounds(v, keys, line);
        List<Expression> parts = KeyParts(v, keys, line);
        Expression table = TableCode(v);
        Expression entry = parts.Count <= 2
            ? Expression.Call(table, nameof(KeyedTable<KeyPart>.Find), null, [.. parts])
            : FindCode(table, KeyArray(parts));
        bool text = v.Type.Resolved is CText;
        Expression code = Static(text ? nameof(DRuntime.GetText) : nameof(DRuntime.GetNumber), entry);
        return new Operand(v.Type, code) { Object = text ? null : ObjectBehind(v.Type, code), NullTest = text ? Static(nameof(DRuntime.IsNullText), entry) : null };
    }

    // What is declared as an array has a length; an associative array has none.
    private static void CheckBounds(DVariable v, IReadOnlyList<Operand> keys, int line)
    {
        if (v.Declared is not { } array) return;
        if (keys.Count != 1 || !keys[0].IsInteger) throw new DCompileException("D_ARR_BADREF", line, $"cannot access {v.Name} as an associative array");
        if (keys[0].Constant is { } index) CheckBounds(index, array, line);
    }

    private static void CheckBounds(long index, CArray array, int line)
    {
        if (index < 0 || index >= array.Count) throw new DCompileException("D_ARR_BOUNDS", line, $"index outside array bounds: {index}, max is {array.Count}");
    }

    private Operand Element(Operand array, Operand index, int line, string op)
    {
        if (array.IsText && op == "[ ]" && index.IsInteger) return Number(_types.Char, Static(nameof(DRuntime.CharacterAt), array.Code, index.Code));
        if (array.Target is not { } target)
        {
            if (array.Type.Resolved is CFunction) throw new DCompileException("D_DEREF_FUNC", line, "cannot dereference pointer to function");
            throw op == "*"
                ? new DCompileException("D_DEREF_NONPTR", line, "cannot dereference non-pointer type")
                : new DCompileException("D_OP_PTR", line, $"operator {op} cannot be applied to non-pointer type \"{array.Type}\"");
        }
        if (!index.IsInteger) throw new DCompileException("D_OP_INT", line, "array index must be of integral type");
        if (target.Resolved is CVoid or CFunction) throw new DCompileException(target.Resolved is CVoid ? "D_DEREF_VOID" : "D_DEREF_FUNC", line, $"cannot dereference pointer to {(target.Resolved is CVoid ? "void" : "function")}");
        if (target.Resolved is CStruct { IsComplete: false }) throw new DCompileException("D_OP_INCOMPLETE", line, $"cannot dereference pointer to {target}: no definition is available");
        if (array.Type.Resolved is CArray { Count: > 0 } bounded && index.Constant is { } fixedIndex && array.Object == null) CheckBounds(fixedIndex, bounded, line);
        // A pointer of which only the address is known may lead into an array.
        if (array.Object is { } known and not MethodCallExpression { Method.Name: nameof(DMemory.Resolve) })
        {
            if (index.Constant == 0 && target.Resolved is CStruct && array.Type.Resolved is CPointer) return new Operand(target, array.Code) { Object = known };
            ConstantExpression size = Expression.Constant(target.Size);
            Expression number = Expression.Call(Memory, nameof(DMemory.ElementNumber), null, known, index.Code, size);
            Expression item = Expression.Call(Memory, nameof(DMemory.ElementObject), null, known, index.Code, size);
            return new Operand(target, Fit(number, target)) { Object = HoldsObject(target) ? item : null };
        }
        Expression address = Expression.Add(array.Code, Expression.Multiply(index.Code, Expression.Constant((long)Math.Max(target.Size, 1))));
        switch (target.Resolved)
        {
            case CStruct { Kernel: not null } s:
                return new Operand(target, address) { Object = Expression.Call(Memory, nameof(DMemory.Resolve), null, address, Expression.Constant(s.Size)) };
            case CStruct or CArray:
                return new Operand(target, address);
            case CText:
                return new Operand(target, Expression.Call(Memory, nameof(DMemory.Text), null, address, Expression.Constant(target.Size)));
        }
        Expression loaded = Load(address, target.Size, target.Resolved is CInteger { IsSigned: true } or CEnum);
        return new Operand(target, loaded) { Object = ObjectBehind(target, loaded) };
    }

    /// <summary>Memory that can be stored to. Its first temporary is the address.</summary>
    private Place MemoryPlace(Node node, int line)
    {
        CMember? member = null;
        CType type;
        Expression address;
        switch (node)
        {
            case MemberNode m:
                Operand outer = Value(m.Object);
                CStruct s = StructOf(outer, m);
                member = s.Find(m.Name) ?? throw new DCompileException("D_TYPE_MEMBER", line, $"{m.Name} is not a member of {s}");
                type = member.Type;
                address = Expression.Add(outer.Code, Expression.Constant((long)member.Offset));
                break;
            case IndexNode i:
                Operand array = Value(i.Array), index = Value(i.Keys[0]);
                type = array.Target ?? throw new DCompileException("D_OP_PTR", line, $"operator [ ] cannot be applied to non-pointer type \"{array.Type}\"");
                address = Expression.Add(array.Code, Expression.Multiply(index.Code, Expression.Constant((long)Math.Max(type.Size, 1))));
                break;
            default:
                Operand pointer = Value(((UnaryNode)node).Operand);
                type = pointer.Target ?? throw new DCompileException("D_OP_PTR", line, $"cannot dereference non-pointer type \"{pointer.Type}\"");
                address = pointer.Code;
                break;
        }
        ParameterExpression at = Expression.Variable(typeof(long));
        ConstantExpression size = Expression.Constant(type.Size);
        if (type.Resolved is CStruct or CArray) return new Place(type, [(at, address)], at, _ => at);
        if (type.Resolved is not (CInteger or CEnum or CPointer)) throw new DCompileException("D_OP_LVAL", line, $"cannot assign to an object of type {type}");
        Expression read = member is { BitWidth: > 0 } ? LoadMember(at, member) : Load(at, type.Size, type.Resolved is CInteger { IsSigned: true } or CEnum);
        return new Place(type, [(at, address)], read, value =>
        {
            if (member is not { BitWidth: > 0 }) return Expression.Call(Memory, nameof(DMemory.Store), null, at, size, value);
            long mask = (member.BitWidth == 64 ? -1L : (1L << member.BitWidth) - 1) << member.BitOffset;
            Expression kept = Expression.And(Load(at, type.Size, false), Expression.Constant(~mask));
            Expression placed = Expression.And(Expression.LeftShift(value, Expression.Constant(member.BitOffset)), Expression.Constant(mask));
            return Expression.Block(Expression.Call(Memory, nameof(DMemory.Store), null, at, size, Expression.Or(kept, placed)), read);
        });
    }

    private TranslatorItem? TranslatorFor(TranslateNode node, out Operand input)
    {
        input = Value(node.Operand);
        CType output = node.Type.Resolved is CPointer p ? p.Target : node.Type;
        CType given = input.Type;
        bool integer = input.IsInteger;
        return _translators.FirstOrDefault(t => t.Output.SameAs(output) && t.Input.SameAs(given))
            ?? _translators.FirstOrDefault(t => t.Output.SameAs(output) && integer && t.Input.Resolved is CInteger)
            ?? _translators.FirstOrDefault(t => t.Output.SameAs(output) && given.Resolved is CPointer && t.Input.Resolved is CPointer { Target.Resolved: CVoid });
    }

    private Operand Translated(TranslatorItem translator, Operand input, string member, int line)
    {
        CStruct output = (CStruct)translator.Output.Resolved;
        CMember declared = output.Find(member) ?? throw new DCompileException("D_TYPE_MEMBER", line, $"{member} is not a member of {output}");
        Node? value = translator.Members.FirstOrDefault(m => m.Member == member).Value;
        if (value == null) throw new DCompileException("D_XLATE_NOCONV", line, $"translator does not define conversion for member: {member}");
        _scopes.Push(new Dictionary<string, Operand>(StringComparer.Ordinal) { [translator.Name] = Convert(input, translator.Input, line) });
        Operand result = Value(value);
        _scopes.Pop();
        return declared.Type.Resolved is CArray { IsText: true } && (result.IsText || result.IsPointer) ? Convert(result, _text, line) : Convert(result, declared.Type, line);
    }

    /// <summary>xlate without a member: possible where two structures are views of one object.</summary>
    private Operand Translate(TranslateNode node)
    {
        if (TranslatorFor(node, out Operand input) is { } translator)
        {
            return new Operand(node.Type, Expression.Constant(0L)) { IsTranslated = translator != null };
        }
        bool pointer = node.Type.Resolved is CPointer;
        CType output = pointer ? ((CPointer)node.Type.Resolved).Target : node.Type;
        if (output.Resolved is CStruct { Kernel: not null } && (input.Object != null || input.IsPointer))
        {
            Expression item = input.Object ?? Expression.Call(Memory, nameof(DMemory.Resolve), null, input.Code, Expression.Constant(0));
            return new Operand(node.Type, input.Code) { Object = item };
        }
        throw new DCompileException("D_XLATE_NONE", node.Line, $"no translator from type \"{input.Type}\" to \"{node.Type}\" is defined");
    }
}
