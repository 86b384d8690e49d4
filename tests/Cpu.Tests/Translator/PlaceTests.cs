using System.Runtime.InteropServices;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>What places in code that access memory remember of it: no more than they may use.</summary>
public sealed unsafe class PlaceTests : IDisposable
{
    private const ulong Code = 0x40_0000, Data = 0x60_0000;
    private const int PairLength = 6, Pairs = TranslatorContext.ReadSites * 5 / 4, CodePages = (Pairs * PairLength / FramePool.FrameSize) + 1;

    private readonly BareMachine _machine = new(translate: true);
    private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);

    /// <summary>More places than there are entries to remember for them: some that write have that of others, none that of one that reads.</summary>
    [Fact]
    public void NoStoreUsesWhatALoadHasFound()
    {
        _machine.Map(Code, CodePages, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
        _machine.Map(Data, 1, PageAccess.Read);
        byte[] code = new byte[Pairs * PairLength];
        for (int n = 0; n < Pairs; n++) // mov rax, [rdi]; mov [rsi], rax
        {
            new byte[] { 0x48, 0x8b, 0x07, 0x48, 0x89, 0x06 }.CopyTo(code.AsSpan(n * PairLength));
        }
        _machine.Write(Code, code);
        for (int n = 0; n < Pairs; n++)
        {
            _state->Reset();
            _state->R[CpuState.Rdi] = Data;
            _state->R[CpuState.Rsi] = Data + 8;
            _state->Rip = Code + (ulong)(n * PairLength);
            Assert.Equal(StopReason.PageFault, _machine.Run(_state));
            Assert.Equal((Data + 8, PageAccess.Write), (_state->FaultAddress, _state->FaultAccess));
            Assert.Equal(Code + (ulong)(n * PairLength) + 3, _state->Rip);
        }
    }

    public void Dispose()
    {
        _machine.Dispose();
        NativeMemory.AlignedFree(_state);
    }
}
