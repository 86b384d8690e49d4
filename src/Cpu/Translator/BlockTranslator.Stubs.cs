using System.Runtime.InteropServices;
using Iced.Intel;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>What a block seldom runs: it is made last, and put elsewhere.</summary>
internal sealed unsafe partial class BlockTranslator
{
    // What is seldom run goes elsewhere, so that what is run lies close together.
    private void EmitStubs()
    {
        int count = _stubs.Count; // emitting one may add others
        for (int n = 0; n < count; n++)
        {
            ref Stub stub = ref CollectionsMarshal.AsSpan(_stubs)[n];
            if (stub.Kind is StubKind.Exit or StubKind.Saving) EmitStub(stub);
        }
        (_e.Position, Cold) = (Cold, _e.Position);
        for (int n = 0; n < _stubs.Count; n++)
        {
            ref Stub stub = ref CollectionsMarshal.AsSpan(_stubs)[n];
            if (n >= count || stub.Kind is not (StubKind.Exit or StubKind.Saving)) EmitStub(stub);
        }
        (_e.Position, Cold) = (Cold, _e.Position);
        SetExchange(0);
    }

    private void EmitStub(in Stub stub)
    {
        if (stub.Exchange > ExchangeMask && stub.Kind is StubKind.Memory or StubKind.Page or StubKind.Thread or StubKind.Group)
        {
            Stub unpinned = EmitReturnToPins(stub);
            BindTo(stub);
            EmitUnpin(stub);
            EmitCode(unpinned);
            return;
        }
        if (stub.Kind is not (StubKind.Unlinked or StubKind.Saving)) BindTo(stub);
        EmitCode(stub);
    }

    // Its jumps lead here.
    private void BindTo(in Stub stub)
    {
        _e.Bind(stub.From);
        if (stub.Above != 0) _e.Bind(stub.Above);
    }

    private void EmitCode(in Stub stub)
    {
        _inHost = stub.InHost;
        _inContext = stub.InContext;
        SetExchange(stub.Exchange);
        if (stub.Kind is StubKind.Exit or StubKind.Interpret or StubKind.Leave) ChangeExchange(0);
        switch (stub.Kind)
        {
            case StubKind.Memory:
                EmitSlowAccess(stub);
                break;
            case StubKind.Page:
                EmitPageMiss(stub);
                break;
            case StubKind.Thread:
                EmitThreadMiss(stub);
                break;
            case StubKind.Group:
                EmitGroupMiss(stub);
                break;
            case StubKind.String:
                EmitStringSlow(stub);
                break;
            case StubKind.X87:
                EmitX87Miss(stub);
                break;
            case StubKind.Exit:
                EmitExit(stub.Rip, stub.Count, stub.Live, stub.Write);
                break;
            case StubKind.Unlinked:
                EmitUnlinked(stub);
                break;
            case StubKind.Unknown or StubKind.UnknownCall or StubKind.Indirect or StubKind.Return:
                EmitIndirectStub(stub);
                break;
            case StubKind.Leave:
                _e.ExitTo(_shared.Exit, U);
                SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.Go, Rip = stub.Rip });
                break;
            case StubKind.Saving:
                _page.EnterSaving((int)(stub.Rip - _page.Address), _e.Position);
                _e.SaveFlags();
                _e.JumpTo(stub.Back);
                break;
            case StubKind.Interpret:
                EmitInterpretAt(stub.Rip, stub.Count);
                break;
        }
    }

    /// <summary>Code that is made behind the block, because it is seldom run.</summary>
    private readonly record struct Stub(StubKind Kind, int From)
    {
        public bool IsMasked { get; init; }
        public int Back { get; init; }
        public int Above { get; init; } // of an access that is compared with both ends, the other jump that leads here

        /// <summary>Whether T is to become a distance, not an address.</summary>
        public bool Folds { get; init; }
        public int Displacement { get; init; }

        /// <summary>Of an access whose register is compared instead of its address, that plus 1.</summary>
        public int Register { get; init; }

        /// <summary>Of an operand at a constant: its address, or distance from the base of FS, and the number of its page. Of a call, where it returns to.</summary>
        public ulong Address { get; init; }

        /// <inheritdoc cref="Address"/>
        public int Number { get; init; }
        public int Slot { get; init; }
        public int Size { get; init; }
        public OwnAccess Own { get; init; }
        public bool Write { get; init; } // of an exit: whether it is to be left there if somebody wants the processor
        public int Count { get; init; }
        public int Restart { get; init; } // or what takes the instruction's effect on the stack pointer back
        public bool IsWithinGroup { get; init; }
        public bool Whole { get; init; }
        public int Exchange { get; init; } // that the code it belongs to is under
        public ulong Rip { get; init; }
        public RflagsBits Live { get; init; }
        public bool InHost { get; init; }
        public bool InContext { get; init; }
    }

    private enum StubKind
    {
        Memory,
        Page,
        Thread,
        Group,
        Exit,
        Unlinked,
        Leave,
        Unknown,
        UnknownCall,
        Indirect,
        Return,
        Interpret,
        Saving,
        X87,
        String,
    }
}
