using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>Turns written probes into those that will run: wildcards and aliases taken apart, prologues put before, epilogues behind.</summary>
internal sealed class ProbeResolver(ProbeTree tree)
{
    private const int MaximumDepth = 60;

    /// <summary>A found source with what aliases add to it.</summary>
    internal sealed record Resolved(ProbeSource Source, string WrittenName, IReadOnlyList<BlockStmt> Prologues, IReadOnlyList<BlockStmt> Epilogues, IReadOnlyList<Expr> Conditions);

    public List<StapSemanticException> Problems { get; } = [];

    public IEnumerable<DerivedProbe> Resolve(ProbeDeclaration probe, StapSource home)
    {
        var all = new List<Resolved>();
        foreach (ProbePoint point in probe.Points)
        {
            try
            {
                List<Resolved> some = Resolve(point, [], null, 0);
                all.AddRange(some);
                if (point.Sufficient && some.Count > 0) break;
            }
            catch (StapSemanticException problem)
            {
                if (!point.Optional) Problems.Add(new StapSemanticException("while resolving probe point", point.At, problem));
            }
        }
        return WithoutDoubles(all).Select(r => new DerivedProbe(
            r.Source, r.WrittenName, new Scope(home) { Source = r.Source }, [.. r.Prologues, probe.Body, .. r.Epilogues], r.Conditions, probe));
    }

    /// <summary>The points that a pattern stands for, for -l.</summary>
    public IEnumerable<Resolved> List(ProbePoint point) => Resolve(point, [], null, 0);

    private List<Resolved> Resolve(ProbePoint point, IReadOnlyList<PointPart> suffix, string? writtenName, int depth)
    {
        if (depth > MaximumDepth) throw new StapSemanticException("recursive loop detected in probe aliases", point.At);
        var result = new List<Resolved>();
        IReadOnlyList<PointPart> parts = [.. point.Parts, .. suffix];
        StapSemanticException? problem = null;
        List<ProbeTree.Match> matches = tree.Find(parts);
        foreach (ProbeTree.Match match in matches)
        {
            string name = writtenName ?? string.Join('.', match.Parts.Concat(match.Suffix));
            IReadOnlyList<Expr> conditions = point.Condition == null ? [] : [point.Condition];
            try
            {
                if (match.Node.Builder != null && match.Suffix.Count == 0)
                    result.AddRange(match.Node.Builder(match.Parts).Select(s => new Resolved(s, writtenName ?? string.Join('.', match.Parts), [], [], conditions)));
                foreach (Lazy<AliasDeclaration> alias in match.Node.Aliases) result.AddRange(ResolveAlias(alias.Value, match, name, conditions, depth));
            }
            catch (StapSemanticException found)
            {
                problem ??= found;
            }
        }
        if (result.Count == 0 && problem != null) throw problem;
        if (result.Count == 0) throw new StapSemanticException("no match", null);
        return result;
    }

    private List<Resolved> ResolveAlias(AliasDeclaration alias, ProbeTree.Match match, string name, IReadOnlyList<Expr> conditions, int depth)
    {
        var result = new List<Resolved>();
        foreach (ProbePoint point in alias.Points)
        {
            List<Resolved> some;
            try
            {
                some = Resolve(point, match.Suffix, name, depth + 1);
            }
            catch (StapSemanticException) when (point.Optional)
            {
                continue;
            }
            foreach (Resolved inner in some)
            {
                result.Add(inner with
                {
                    Prologues = alias.Epilogue ? inner.Prologues : [.. inner.Prologues, alias.Body],
                    Epilogues = alias.Epilogue ? [alias.Body, .. inner.Epilogues] : inner.Epilogues,
                    Conditions = [.. conditions, .. inner.Conditions],
                });
            }
            if (point.Sufficient && some.Count > 0) break;
        }
        return result;
    }

    // syscall.* finds one call under two names (fork and clone): the probe runs once, under the call's own name.
    private static IEnumerable<Resolved> WithoutDoubles(List<Resolved> all)
    {
        var first = new Dictionary<(SourceKind, long), Resolved>();
        foreach (Resolved resolved in all)
        {
            if (!IsCall(resolved)) continue;
            (SourceKind, long) key = (resolved.Source.Kind, resolved.Source.Number);
            if (!first.TryGetValue(key, out Resolved? before) || !IsOwnName(before) && IsOwnName(resolved)) first[key] = resolved;
        }
        return all.Where(r => !IsCall(r)
            || first[(r.Source.Kind, r.Source.Number)] == r || first[(r.Source.Kind, r.Source.Number)].WrittenName == r.WrittenName);
    }

    private static bool IsCall(Resolved resolved) => resolved.Source.Kind is SourceKind.Syscall or SourceKind.SyscallReturn && resolved.Source.Number >= 0
        && (resolved.WrittenName.StartsWith("syscall.", StringComparison.Ordinal) || resolved.WrittenName.StartsWith("nd_syscall.", StringComparison.Ordinal));

    private static bool IsOwnName(Resolved resolved) => resolved.WrittenName.Split('.') is { Length: > 1 } words && words[1] == SyscallTexts.NameOf(resolved.Source.Path ?? "");
}
