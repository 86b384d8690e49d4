using Iced.Intel;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Registers that a loop does not name hold what its places point to: the address of the slot that served each the last time, which then need not be
/// loaded each time round. What belongs into these registers is in the context meanwhile.
/// </summary>
/// <remarks>
/// The loop is a block that jumps back to its beginning, and pins are part of the exchange that it goes round under
/// (<see cref="FindExchanges"/>). Whoever leaves it, for a slow access too, puts the registers back first; after a slow access they are loaded
/// again. So nobody outside of the block knows of pins. A slot is only pointed to: what it holds is read for each access.
/// </remarks>
internal sealed unsafe partial class BlockTranslator
{
    // Above the registers of an exchange: the number of the block's pins in _pins, plus 1.
    private const int PinShift = 12, ExchangeMask = (1 << PinShift) - 1;

    private readonly List<Pin[]> _pins = []; // of the blocks being translated
    private readonly List<Pin> _chosen = [];

    // A host register, and the place's entry in the context that it stands for.
    private readonly record struct Pin(int Register, int Site);

    private ReadOnlySpan<Pin> PinsOf(int exchange) => exchange >> PinShift == 0 ? default : _pins[(exchange >> PinShift) - 1];

    // The host register that points to a place's slot: U, which is loaded, if none does already.
    private int EmitSlot(int site)
    {
        _e.HasChangedU = true; // on the slow way
        foreach (Pin pin in PinsOf(_exchange))
        {
            if (pin.Site != site) continue;
            Meter?.AddPinned();
            return pin.Register;
        }
        _e.Context(Mov, U, site);
        return U;
    }

    private void EmitPins(int exchange)
    {
        int at = TranslatorContext.PinsAt;
        foreach (Pin pin in PinsOf(exchange))
        {
            _e.Context(Store, pin.Register, at);
            _e.Context(Mov, pin.Register, pin.Site);
            at += 8;
        }
    }

    private void EmitUnpin(int exchange)
    {
        int at = TranslatorContext.PinsAt;
        foreach (Pin pin in PinsOf(exchange))
        {
            _e.Context(Mov, pin.Register, at);
            at += 8;
        }
    }

    // The slot that the place used is in U then, where it is without pins. What only lies near its range's end goes back at once.
    private void EmitUnpin(in Stub stub)
    {
        int slot = U;
        foreach (Pin pin in PinsOf(stub.Exchange))
        {
            if (stub.Kind == StubKind.Memory && pin.Site == stub.Slot) slot = pin.Register;
        }
        if (stub.Register != 0)
        {
            _e.Address(T, stub.Register - 1, -1, 0, stub.Displacement);
            _e.Memory(Sub, T, slot);
            _e.Memory(Cmp, T, slot, TranslatorContext.LimitFor(stub.Size));
            int misses = _e.Jump(AboveOrEqual);
            _e.Memory(Mov, T, slot, TranslatorContext.DeltaAt);
            _e.JumpTo(stub.Back);
            _e.Bind(misses);
        }
        if (slot != U) _e.Registers(Mov, U, slot);
        EmitUnpin(stub.Exchange);
    }

    // Before what a loop seldom does: where it goes on from there, the registers are pinned again.
    private Stub EmitReturnToPins(in Stub stub)
    {
        int restart = EmitPinsAnd(stub.Restart, stub.Exchange), back = EmitPinsAnd(stub.Back, stub.Exchange);
        return stub with { Restart = restart, Back = back, Exchange = stub.Exchange & ExchangeMask };
    }

    private int EmitPinsAnd(int place, int exchange)
    {
        int position = _e.Position;
        EmitPins(exchange);
        _e.JumpTo(place);
        return position;
    }

    // Registers for the places in the block's first instructions, as a number above an exchange that may be there; 0 for none.
    private int ChoosePins(int length)
    {
        for (int n = 0; n < length; n++)
        {
            if (!CanPin(_block[n])) return 0;
        }
        _chosen.Clear();
        int reads = 0, writes = 0, free = 0;
        for (int n = 0; n < length && _chosen.Count < TranslatorContext.MostPins; n++)
        {
            ref Instruction i = ref _block[n];
            if (!BaseGroups.HasOperand(i) || StackGroups.IsOnStack(i) || (_bases[n] is { } known && known.First != n)) continue;
            bool write = _bases[n]?.Writes ?? _writesMemory(i.Code);
            int site = write ? TranslatorContext.WriteSiteAt(_writeSite + writes++) : TranslatorContext.ReadSiteAt(_readSite + reads++);
            bool isKnown = BaseGroups.IsAtConstant(i) || i.MemorySegment is Register.FS or Register.GS;
            if (isKnown) continue;
            while (free < s_exchangeable.Length && _mentions[s_exchangeable[free]] != 0) free++;
            if (free == s_exchangeable.Length) break;
            _chosen.Add(new Pin(s_exchangeable[free++], site));
        }
        if (_chosen.Count == 0) return 0;
        _pins.Add([.. _chosen]);
        return _pins.Count << PinShift;
    }

    // Not where other exits than those for memory lead back into the loop.
    private bool CanPin(in Instruction i) =>
        i.Mnemonic is not (Mnemonic.Wait or Mnemonic.Fldcw or Mnemonic.Ldmxcsr or Mnemonic.Fnstcw) &&
        (i.Encoding == EncodingKind.VEX || !FormOf(i).UsesX87);
}
