using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Short programs, run on both processors.</summary>
public sealed class ProgramTests(NativeProcessor native)
{
    [Fact]
    public void LoopsCallsAndStackAgree()
    {
        var a = new Assembler(64);
        Label loop = a.CreateLabel(), function = a.CreateLabel(), end = a.CreateLabel();
        a.mov(ecx, 1000);
        a.xor(eax, eax);
        a.Label(ref loop);
        a.call(function);
        a.sub(ecx, 1);
        a.jne(loop);
        a.jmp(end);
        a.Label(ref function);
        a.push(rbx);
        a.lea(rbx, __[rax + (rcx * 2) + 3]);
        a.add(rax, rbx);
        a.pop(rbx);
        a.ret();
        a.Label(ref end);
        a.int3();
        AssertAgrees(a);
    }

    private void AssertAgrees(Assembler a)
    {
        using var stream = new MemoryStream();
        a.Assemble(new StreamCodeWriter(stream), Layout.CodeBase + 0x800);
        Vector v = Vector.Plain();
        v.SetCode(stream.ToArray());
        Vector[] vectors = [v];
        using var interpreted = new InterpretedProcessor();
        Comparison.AssertSame(vectors, native.Run(vectors), interpreted.Run(vectors), _ => new Tolerance());
    }
}
