using FsCheck;
using FsCheck.Fluent;
using Kennel.Abi;
using Kennel.Namespaces;

namespace Kennel.Tests.Namespaces;

public sealed class PidNamespaceTests
{
    [Fact]
    public void NumbersAscendFromOne()
    {
        var space = new PidNamespace(null);
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => Take(space).Innermost));
    }

    [Fact]
    public void AfterTheLimitNumbersBeginAgainAt300PastThoseInUse()
    {
        var space = new PidNamespace(null) { Limit = 400, Last = 298 };
        PidNumbers first = Take(space); // 299
        PidNumbers second = Take(space); // 300
        space.Last = 398;
        PidNumbers last = Take(space); // 399
        Assert.Equal([299, 300, 399], new[] { first, second, last }.Select(n => n.Innermost));
        Assert.Equal(301, Take(space).Innermost);
        Free(second);
        space.Last = 399;
        Assert.Equal(300, Take(space).Innermost);
    }

    [Fact]
    public void AFullNamespaceAnswersEagainAndTakesTheNextFreedNumber()
    {
        var space = new PidNamespace(null) { Limit = 310 };
        List<PidNumbers> all = [.. Enumerable.Range(0, 309).Select(_ => Take(space))];
        Assert.Equal(Errno.EAGAIN, space.Allocate([], out _));
        Free(all[304]);
        Assert.Equal(305, Take(space).Innermost);
    }

    [Fact]
    public void ANestedNamespaceGivesANumberOnEachLevel()
    {
        var root = new PidNamespace(null);
        Take(root);
        var middle = new PidNamespace(root);
        var inner = new PidNamespace(middle);
        PidNumbers n = Take(inner);
        Assert.Equal([2, 1, 1], n.All);
        Assert.Equal(2, n.In(root).Value);
        Assert.Equal(1, n.In(middle).Value);
        Assert.Equal(1, n.In(inner).Value);
        Assert.Equal(0, n.In(new PidNamespace(root)).Value);
        Assert.Equal(0, Take(root).In(inner).Value);
        Assert.Same(n, root.Find(2));
    }

    [Fact]
    public void WantedNumbersAreGivenOrRefused()
    {
        var space = new PidNamespace(null);
        Assert.Equal(Errno.EINVAL, space.Allocate([7], out _)); // the first must be 1
        Assert.Equal(Errno.None, space.Allocate([1], out PidNumbers? init));
        Assert.Equal(1, init!.Innermost);
        Assert.Equal(Errno.EEXIST, space.Allocate([1], out _));
        Assert.Equal(Errno.EINVAL, space.Allocate([0], out _));
        Assert.Equal(Errno.EINVAL, space.Allocate([32768], out _));
        space.IsClosed = true;
        Assert.Equal(Errno.ENOMEM, space.Allocate([], out _));
    }

    [Fact]
    public void NoTwoLiveIdentitiesHaveTheSameNumber() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), static steps =>
        {
            var space = new PidNamespace(null) { Limit = 320 };
            var live = new List<PidNumbers>();
            foreach (byte step in steps.SelectMany(static s => Enumerable.Repeat(s, 20)))
            {
                if (step % 3 != 0 && space.Allocate([], out PidNumbers? n) == Errno.None) live.Add(n!);
                else if (live.Count > 0)
                {
                    int index = step % live.Count;
                    Free(live[index]);
                    live.RemoveAt(index);
                }
            }
            return live.Select(static n => n.Innermost).Distinct().Count() == live.Count
                && live.All(n => space.Find(n.Innermost) == n) && space.Allocated.Count == live.Count;
        }).QuickCheckThrowOnFailure();

    private static PidNumbers Take(PidNamespace space)
    {
        Assert.Equal(Errno.None, space.Allocate([], out PidNumbers? numbers));
        return numbers!;
    }

    private static void Free(PidNumbers numbers) => PidNamespace.FreeIfUnused(numbers);
}
