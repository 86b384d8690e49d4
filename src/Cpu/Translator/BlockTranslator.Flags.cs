using Iced.Intel;

namespace Kennel.Cpu.Translator;

/// <summary>Where the guest's status flags are, and who looks at them.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private const int PeekLength = 24;

    private readonly StatusFlags.Use[] _uses = new StatusFlags.Use[LongestBlock];
    private readonly RflagsBits[] _liveAtTarget = new RflagsBits[LongestBlock]; // of conditional jumps
    private bool _inHost, _inContext;

    private void FindLiveFlags(int end)
    {
        RflagsBits live = StatusFlags.All;
        if (_count > 0)
        {
            ref Instruction last = ref _block[_count - 1];
            if (last.FlowControl is FlowControl.Next or FlowControl.ConditionalBranch) live = LiveAt(AddressOf(end));
            else if (last.FlowControl is FlowControl.UnconditionalBranch || last.Code == Code.Call_rel32_64) live = LiveAt(last.NearBranchTarget);
        }
        _live[_count] = live;
        for (int n = _count - 1; n >= 0; n--)
        {
            ref Instruction i = ref _block[n];
            StatusFlags.Use use = StatusFlags.Of(i);
            _uses[n] = use;
            live = (live & ~use.Replaced) | use.Read;
            if (i.FlowControl == FlowControl.ConditionalBranch) live |= _liveAtTarget[n] = LiveAt(i.NearBranchTarget);
            _live[n] = live;
        }
    }

    // The flags that code at an address may look at, as far as its first instructions tell.
    private RflagsBits LiveAt(ulong address)
    {
        if (PageOf(address)?.IgnoresFlags((int)(address & 0xfff)) == true) return RflagsBits.None;
        RflagsBits left = StatusFlags.All, read = RflagsBits.None;
        for (int n = 0; n < PeekLength; n++)
        {
            Instruction i = Decode(address, _peeked);
            if (i.IsInvalid) break;
            StatusFlags.Use use = StatusFlags.Of(i);
            read |= use.Read & left;
            left &= ~use.Replaced;
            if (left == RflagsBits.None) return read;
            if (i.FlowControl is FlowControl.UnconditionalBranch or FlowControl.Call && i.Op0Kind == OpKind.NearBranch64) address = i.NearBranchTarget;
            else if (i.FlowControl == FlowControl.Next) address += (ulong)i.Length;
            else break;
        }
        return read | left;
    }

    // Whether the flags from before the block are looked at, or kept by what changes others, before a check spoils them in the processor.
    private bool WantsFlagsInHost()
    {
        for (int n = 0; n < _count; n++)
        {
            ref Instruction i = ref _block[n];
            if (BaseGroups.NeedsScratch(i) || i.FlowControl is not (FlowControl.Next or FlowControl.ConditionalBranch)) return false;
            if (LooksAtFlags(n)) return true;
        }
        return false;
    }

    // Before the processor's flags are lost to glue, or generated code is left.
    private void FlagsToContext()
    {
        if (!_inHost || _inContext) return;
        _e.SaveFlags();
        _inContext = true;
    }

    private void FlagsToHost()
    {
        if (_inHost) return;
        _e.RestoreFlags();
        _inHost = true;
    }

    // Before an instruction that looks at flags, or changes some and leaves others that somebody will look at.
    private void PrepareFlags(int n)
    {
        if (LooksAtFlags(n)) FlagsToHost();
    }

    private bool LooksAtFlags(int n)
    {
        StatusFlags.Use use = _uses[n];
        return use.Read != RflagsBits.None || (use.Modified != RflagsBits.None && (_live[n + 1] & ~use.Replaced) != RflagsBits.None);
    }

    private void NoteFlags(int n)
    {
        if (_uses[n].Modified == RflagsBits.None) return;
        _inHost = true;
        _inContext = false;
    }
}
