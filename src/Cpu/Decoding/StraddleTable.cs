using System.Runtime.InteropServices;
using Kennel.Cpu.Interpreter;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// Runs of the instructions that lie in two pages, one run per instruction and pair of frames. A run dies with either frame's
/// code. Guarded by the code cache's gate.
/// </summary>
internal sealed unsafe class StraddleTable
{
    private readonly Dictionary<(int First, int Offset, int Second), nint> _runs = [];
    private readonly Dictionary<int, List<(int First, int Offset, int Second)>> _byFrame = [];
    private List<nint> _retired = [];

    /// <summary>Ops that nobody finds any more, but in which some processor may still be.</summary>
    public readonly record struct Garbage(List<nint> Ops);

    public Op* Find(int first, int offset, int second) => (Op*)_runs.GetValueOrDefault((first, offset, second));

    public Op* Add(int first, int offset, int second, ReadOnlySpan<Op> ops)
    {
        var run = (Op*)NativeMemory.Alloc((nuint)(ops.Length + 1), (nuint)sizeof(Op));
        ops.CopyTo(new Span<Op>(run, ops.Length));
        run->Imm = (ulong)ops.Length;
        _runs.Add((first, offset, second), (nint)run);
        ListOf(first).Add((first, offset, second));
        if (second != first) ListOf(second).Add((first, offset, second));
        return run;
    }

    public void Retire(int frame)
    {
        if (!_byFrame.Remove(frame, out List<(int First, int Offset, int Second)>? keys)) return;
        foreach (var key in keys)
        {
            _runs.Remove(key, out nint run);
            CodePage.MakeStale((Op*)run, (int)((Op*)run)->Imm);
            _retired.Add(run);
            int other = key.First == frame ? key.Second : key.First;
            if (other != frame) _byFrame[other].Remove(key);
        }
    }

    public Garbage TakeRetired()
    {
        var garbage = new Garbage(_retired);
        _retired = [];
        return garbage;
    }

    public void FreeRetired() => Free(TakeRetired());

    public static void Free(Garbage garbage)
    {
        foreach (nint ops in garbage.Ops) NativeMemory.Free((void*)ops);
    }

    private List<(int First, int Offset, int Second)> ListOf(int frame)
    {
        if (!_byFrame.TryGetValue(frame, out var keys)) _byFrame.Add(frame, keys = []);
        return keys;
    }
}
