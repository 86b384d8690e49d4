using FsCheck;
using FsCheck.Fluent;
using Kennel.Abi;

namespace Kennel.Tests.Files;

/// <summary>A pipe against a queue of bytes: whatever is written and read, in whatever pieces, comes out as it went in.</summary>
public sealed class PipeModelTests
{
    [Fact]
    public void BytesComeOutAsTheyWentIn()
    {
        Gen<int[]> steps = Gen.Choose(-70_000, 20_000).Or(Gen.Choose(-100, 100)).ArrayOf(60);
        Prop.ForAll(steps.ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(7, 11));
    }

    // Positive: write so many bytes; negative: read so many.
    private static bool Holds(int[] steps)
    {
        using var machine = new SyscallMachine();
        TestTask task = machine.NewTask();
        (int read, int write) = task.Pipe(OpenFlags.NonBlock);
        var model = new Queue<byte>();
        byte next = 0;
        foreach (int step in steps)
        {
            if (step > 0)
            {
                var bytes = new byte[step];
                for (int i = 0; i < step; i++) bytes[i] = (byte)(next + i);
                long wrote = task.Call("write", write, task.Put(bytes), step);
                if (wrote == -(long)Errno.EAGAIN) continue;
                if (wrote <= 0 || wrote > step || (step <= 4096 && wrote != step)) return false;
                foreach (byte b in bytes.AsSpan(0, (int)wrote)) model.Enqueue(b);
                next += (byte)wrote;
            }
            else if (step < 0)
            {
                ulong buffer = task.Room(-step);
                long got = task.Call("read", read, buffer, -step);
                if (model.Count == 0)
                {
                    if (got != -(long)Errno.EAGAIN) return false;
                    continue;
                }
                if (got != Math.Min(model.Count, -step)) return false;
                foreach (byte b in task.Get(buffer, got))
                {
                    if (b != model.Dequeue()) return false;
                }
            }
            if (model.Count > 65536) return false;
        }
        return true;
    }
}
