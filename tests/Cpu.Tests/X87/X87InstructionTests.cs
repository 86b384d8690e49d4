using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.X87;

/// <summary>Every x87 instruction, from random states, against the host's processor: registers, flags, memory, faults.</summary>
public sealed class X87InstructionTests(NativeProcessor native)
{
    private const int StatesPerForm = 60;

    [Theory]
    [InlineData(0xd8)]
    [InlineData(0xd9)]
    [InlineData(0xda)]
    [InlineData(0xdb)]
    [InlineData(0xdc)]
    [InlineData(0xdd)]
    [InlineData(0xde)]
    [InlineData(0xdf)]
    public void RegisterFormsAgree(int opcode) =>
        AssertAgrees(X87Vectors.RegisterForms.Where(code => code[0] == opcode), seed: opcode);

    [Theory]
    [InlineData(0xd8)]
    [InlineData(0xd9)]
    [InlineData(0xda)]
    [InlineData(0xdb)]
    [InlineData(0xdc)]
    [InlineData(0xdd)]
    [InlineData(0xde)]
    [InlineData(0xdf)]
    public void MemoryFormsAgree(int opcode) =>
        AssertAgrees(X87Vectors.MemoryForms.Where(code => code[0] == opcode), seed: opcode, StatesPerForm * 8);

    private void AssertAgrees(IEnumerable<byte[]> forms, int seed, int states = StatesPerForm)
    {
        var random = new Random(seed);
        var vectors = new List<Vector>();
        foreach (byte[] code in forms)
        {
            for (int n = 0; n < states; n++) vectors.Add(X87Vectors.Make(random, code, faults: n % 2 == 0));
        }
        X87Agreement.Assert(native, [.. vectors]);
    }
}
