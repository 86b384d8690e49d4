using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Cpu.Decoding;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Translates a block: from its entry over conditional branches that are not taken to the first unconditional transfer, the end of
/// the page, or an instruction that is left to the interpreter.
/// </summary>
/// <remarks>
/// Between two guest instructions the guest's registers are in their places. Its flags are in the processor, in the context, or, when
/// nobody will look at them, nowhere (<see cref="_inHost"/>, <see cref="_inContext"/>). A fault may therefore show status flags that
/// the code was about to overwrite; all else is exact. Guarded by the store's gate.
/// </remarks>
internal sealed unsafe partial class BlockTranslator
{
    /// <summary>Bytes that one call of <see cref="Translate"/> may take at most.</summary>
    public const int Room = 128 << 10;

    /// <summary>Bytes of the way in that looks whether somebody wants the processor.</summary>
    public const int PollLength = 9 + 6;

    /// <summary>Where bytes are, at an address, that code of a page may know.</summary>
    public delegate byte* Reach(TranslatedPage from, ulong address);

    private const int CopyLength = 16;
    private const int LongestBlock = 64, LongestChain = 8;

    private readonly CodeEmitter _e;
    private readonly SharedRoutines _shared;
    private readonly ByteReader _reader = new();
    private readonly InstructionForm?[] _forms = new InstructionForm?[RunDecoder.FormCount];
    private readonly Instruction[] _block = new Instruction[LongestBlock];
    private readonly RflagsBits[] _live = new RflagsBits[LongestBlock + 1]; // before each instruction; then at the end
    private readonly List<Stub> _stubs = [];
    private readonly StackGroups _stack = new(LongestBlock);
    private readonly bool _counts;
    private readonly Reach _reach;

    // The bytes of the block's instructions, and of one looked at ahead. Others may change the code meanwhile: what is checked and what is
    // rewritten must be the same bytes.
    private readonly byte[] _copyArray = GC.AllocateArray<byte>((LongestBlock + 1) * CopyLength, pinned: true);
    private readonly byte* _copies, _peeked;
    private int _count;

    // Of the block that is being translated.
    private TranslatedPage _page = null!;
    private byte* _pageBytes;
    private bool _isCut, _meets; // what ends it: an instruction whose end is not at hand; code that is there already
    private Instruction _last; // what the block ends before, as it is not translated
    private int _following; // the offset of what this falls through to, and is translated next; -1 for nothing
    private bool _mayFollow; // as long as all of it is certain to run
    private HashSet<int>? _watched;
    private int _restart;
    private readonly Func<Code, bool> _writesMemory;

    /// <param name="emitter">Where code goes.</param>
    /// <param name="shared">What it calls.</param>
    /// <param name="counts">Whether code counts its instructions and leaves when so many have run; else only when somebody wants the processor.</param>
    /// <param name="level">What the guest's processor has.</param>
    /// <param name="constantPages">Numbers for pages.</param>
    /// <param name="reach">Where bytes are that code of a page may know: of itself, and of other pages of its area. Null if not at hand.</param>
    public BlockTranslator(CodeEmitter emitter, SharedRoutines shared, bool counts, CpuLevel level, ConstantPages constantPages, Reach reach)
    {
        _constantPages = constantPages;
        _reach = reach;
        _counts = counts;
        _copies = (byte*)Unsafe.AsPointer(ref _copyArray[0]); // pinned
        _peeked = BytesOf(LongestBlock);
        _e = emitter;
        _shared = shared;
        _level = level;
        _writesMemory = code => _forms[(int)code]?.WritesMemory == true || _hostForms[(int)code] is { } form && form.Writes(form.RmOperand);
        _bases = new BaseGroups(LongestBlock, IsCopiedAccess, _writesMemory);
        SetExchange(0);
    }

    // Iced fills its tables when the first is made: programs whose code was kept may do without.
    private Decoder Decoder => field ??= Decoder.Create(64, _reader, _level == CpuLevel.V2 ? RunDecoder.OptionsOfV2 : DecoderOptions.None);

    /// <summary>Offset in code memory of the next byte that will seldom be run.</summary>
    public int Cold { get; set; }

    /// <summary>Guest instructions translated so far.</summary>
    public long Translated { get; private set; }

    /// <summary>Is told of every block, if there is one.</summary>
    public TranslationMeter? Meter { get; set; }

    /// <summary>
    /// Translates the block at an offset of a page, and enters it in the page, unless it begins with an instruction whose end is not at hand.
    /// What is behind its calls and jumps follows where it is not there yet.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">Where the block begins.</param>
    /// <param name="kind">The way in that is wanted; others may be left out.</param>
    /// <param name="watched">Offsets of instructions that the interpreter is to run.</param>
    public void Translate(TranslatedPage page, int offset, EntryKind kind, HashSet<int>? watched = null)
    {
        _page = page;
        _pageBytes = _reach(page, page.Address);
        _watched = watched;
        _stubs.Clear();
        _pins.Clear();
        _following = -1;
        _mayFollow = !_counts;
        for (int blocks = 1; ; blocks++)
        {
            _mayFollow &= blocks < LongestChain;
            bool isThere = TranslateBlock(offset, kind, isFirst: blocks == 1);
            if (!isThere && blocks > 1) EmitLink(-1, AddressOf(offset), RflagsBits.None, EntryKind.Restoring);
            if (!isThere || _following < 0) break;
            (offset, kind, _following) = (_following, EntryKind.Restoring, -1);
        }
        EmitStubs();
    }

    // Answers false if it begins with an instruction whose end is not at hand.
    private bool TranslateBlock(int offset, EntryKind kind, bool isFirst)
    {
        int end = Read(offset);
        bool isLoop = !_counts && EndBeforeLoop(ref end);
        if (isLoop) kind = EntryKind.Polling;
        bool isCut = _isCut;
        if (_count == 0 && isCut) return false;
        FindLiveFlags(end);
        ulong joins = Joins();
        _stack.Find(_block.AsSpan(0, _count), _writesMemory, joins);
        _bases.Find(_block.AsSpan(0, _count), joins);
        FindExchanges(joins, isLoop);
        SetExchange(0);
        Begin(offset, kind, isFirst);
        if (_exchangeAt[0] != 0 && _isLoop) BeginLoop(offset);
        bool done = false;
        for (int n = 0; n < _count && !done; n++)
        {
            ChangeExchange(_exchangeAt[n]);
            done = Emit(n);
        }
        ChangeExchange(0);
        if (!done) EmitEnd(end, isCut);
        Translated += _count;
        Meter?.Add(_page.Id, _block.AsSpan(0, _count));
        return true;
    }

    /// <summary>Makes the way in that polls where there is none but others.</summary>
    public void AddPolling(TranslatedPage page, int offset)
    {
        _page = page;
        _stubs.Clear();
        _count = 0;
        page.EnterPolling(offset, _e.Position);
        EmitPoll(AddressOf(offset));
        _e.JumpTo(page[offset, EntryKind.Direct]);
        EmitStubs();
    }

    /// <summary>Writes what goes on where it was when code is kept.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(_readSite);
        writer.Write(_writeSite);
        X87Sites.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    public void Read(ref KeptReader reader)
    {
        _readSite = reader.Int32();
        _writeSite = reader.Int32();
        X87Sites.Read(ref reader);
    }

    private ulong AddressOf(int offset) => _page.Address + (ulong)offset;

    // A loop is a block of its own, so that it is compact, and is not translated once with what comes before it and once for its jump back.
    // Answers whether the block itself is one.
    private bool EndBeforeLoop(ref int end)
    {
        bool isLoop = false;
        int first = _count;
        for (int n = 0; n < _count; n++)
        {
            ref Instruction i = ref _block[n];
            if (i.FlowControl is not (FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch)) continue;
            ulong target = i.NearBranchTarget;
            if (target < _block[0].IP || target > i.IP) continue;
            int m = n;
            while (_block[m].IP > target) m--;
            isLoop |= m == 0;
            if (m > 0 && _block[m].IP == target) first = Math.Min(first, m);
        }
        if (first == _count) return isLoop;
        end = (int)(_block[first].IP - _page.Address);
        _count = first;
        _meets = true;
        _isCut = false;
        return isLoop;
    }

    // Fills _block; answers the offset behind it.
    private int Read(int offset)
    {
        _count = 0;
        _isCut = _meets = false;
        _last = default;
        while (_count < LongestBlock && offset < FramePool.FrameSize)
        {
            _meets = _count > 0 && !_counts && _page.Has(offset);
            if (_meets) break;
            Instruction i = Decode(AddressOf(offset), BytesOf(_count));
            if (i.IsInvalid || _watched?.Contains(offset) == true) break;
            if (!IsTaken(i))
            {
                _last = i;
                break;
            }
            _block[_count++] = i;
            offset += i.Length;
            if (i.FlowControl is not (FlowControl.Next or FlowControl.ConditionalBranch)) break;
        }
        return offset;
    }

    // Invalid if its bytes are not at hand, or, which _isCut tells then, not all of them, though the page's area goes on.
    private Instruction Decode(ulong address, byte* copy)
    {
        int room = FramePool.FrameSize - (int)(address & 0xfff);
        byte* bytes = address - _page.Address < FramePool.FrameSize ? _pageBytes + (address & 0xfff) : _reach(_page, address);
        if (bytes == null) return default;
        int count = Math.Min(room, RunDecoder.LongestInstruction);
        if (room >= CopyLength) (((ulong*)copy)[0], ((ulong*)copy)[1]) = (((ulong*)bytes)[0], ((ulong*)bytes)[1]);
        else new ReadOnlySpan<byte>(bytes, count).CopyTo(new Span<byte>(copy, count));
        Instruction i = Decode(copy, count, address);
        if (!i.IsInvalid || room >= RunDecoder.LongestInstruction || Decoder.LastError != DecoderError.NoMoreBytes) return i;
        byte* rest = _reach(_page, address + (ulong)room);
        _isCut = rest == null && _page.Area?.Key.Contains(address + (ulong)room) == true;
        if (rest == null) return i;
        new ReadOnlySpan<byte>(rest, RunDecoder.LongestInstruction - room).CopyTo(new Span<byte>(copy + room, RunDecoder.LongestInstruction - room));
        return Decode(copy, RunDecoder.LongestInstruction, address);
    }

    private Instruction Decode(byte* bytes, int count, ulong address)
    {
        _reader.Reset(bytes, count);
        Decoder.IP = address;
        Decoder.Decode(out Instruction i);
        return i;
    }

    // The copy of an instruction of the block.
    private byte* BytesOf(int n) => _copies + (n * CopyLength);

    // Bit n: instruction n is jumped to from before it in the block.
    private ulong Joins()
    {
        ulong joins = 0;
        if (_counts) return 0;
        for (int n = 0; n < _count; n++)
        {
            if (_block[n].FlowControl != FlowControl.ConditionalBranch) continue;
            ulong target = _block[n].NearBranchTarget;
            for (int m = n + 1; m < _count && _block[m].IP <= target; m++) joins |= _block[m].IP == target ? 1UL << m : 0;
        }
        return joins;
    }

    private void Begin(int offset, EntryKind kind, bool isFirst)
    {
        _inHost = true;
        _inContext = false;
        _x87Loaded = false;
        _ymmNoted = false;
        _kept = 0; // nothing is known of T and U
        Array.Clear(_checkedAt);
        _held = -1;
        bool looks = _live[0] != RflagsBits.None;
        if (!looks && kind != EntryKind.Polling && !_counts)
        {
            _page.EnterMiddle(offset, _e.Position);
            return;
        }
        FlagsAtEntry flags = !looks ? FlagsAtEntry.Ignored : WantsFlagsInHost() ? FlagsAtEntry.InHost : FlagsAtEntry.InContext;
        _e.Align(isFirst ? 16 : TranslatedPage.Alignment, PollLength + (flags == FlagsAtEntry.InHost ? CodeEmitter.RestoreFlagsLength : 0));
        EmitPoll(AddressOf(offset));
        if (flags == FlagsAtEntry.InHost) _e.RestoreFlags();
        _page.Enter(offset, _e.Position, flags);
        if (flags != FlagsAtEntry.InContext) return;
        (_inHost, _inContext) = (false, true);
        _stubs.Add(new Stub(StubKind.Saving, 0) { Rip = AddressOf(offset), Back = _e.Position });
    }

    // A block that is a loop goes round under the exchange that it begins with.
    private void BeginLoop(int offset)
    {
        ChangeExchange(_exchangeAt[0]);
        _loopHead = _e.Position;
        EmitPoll(AddressOf(offset));
    }

    // Where nothing is relied on that the block did before, others may come in: what would be a block of its own is translated once only.
    private void NoteMiddle(int n, int offset)
    {
        bool isOpen = _live[n] == RflagsBits.None && !_counts && _exchange == 0 && !(_held >= 0 && !_e.HasChangedU) && !_x87Loaded && !_ymmNoted && !IsWithinGroup(n);
        if (!isOpen || _page.Has(offset)) return;
        _page.EnterMiddle(offset, _e.Position);
        _kept = 0;
        _held = -1;
    }

    // Answers true if the block ends here.
    private bool Emit(int n)
    {
        ref Instruction i = ref _block[n];
        _restart = -1;
        if (n > 0) NoteMiddle(n, (int)(i.IP - _page.Address));
        if (_stack[n] is { } group && group.First == n) EmitGroupCheck(n, group);
        if (i.FlowControl != FlowControl.Next) return EmitTransfer(n, i);
        bool done = i.Mnemonic switch
        {
            Mnemonic.Nop or Mnemonic.Endbr64 or Mnemonic.Endbr32 or Mnemonic.Pause or Mnemonic.Cld or
                Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 => true,
            Mnemonic.Lea => EmitLea(i),
            Mnemonic.Push => EmitPush(n, i),
            Mnemonic.Pop => EmitPop(n, i),
            Mnemonic.Leave => EmitLeave(n),
            Mnemonic.Div or Mnemonic.Idiv => EmitDivision(n, i),
            Mnemonic.Wait => EmitWait(n),
            Mnemonic.Fldcw => EmitLoadControl(n, i),
            Mnemonic.Ldmxcsr => EmitLoadMxcsr(n, i),
            Mnemonic.Fnstcw => EmitStoreControl(n, i),
            _ when i.Encoding == EncodingKind.VEX => EmitVex(n, i),
            _ when i.IsStringInstruction => EmitString(n, i),
            _ when IsBitString(i) => EmitBitString(n, i),
            _ when IsLongRotation(i) && (_live[n + 1] & RflagsBits.OF) != RflagsBits.None => false,
            _ => EmitCopy(n, i),
        };
        if (done) return false;
        EmitInterpret(n);
        return true;
    }

    // Whether Emit will know what to do (or find out that it does not).
    private bool IsTaken(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Endbr64 or Mnemonic.Endbr32 or Mnemonic.Pause or Mnemonic.Cld or
                Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Syscall or
                Mnemonic.Wait or Mnemonic.Fldcw or Mnemonic.Ldmxcsr:
                return true;
            case Mnemonic.Lea:
                return i.Op0Register.GetSize() >= 4;
            case Mnemonic.Push or Mnemonic.Pop:
                return i.StackPointerIncrement is 8 or -8 && (i.Op0Kind != OpKind.Register || i.Op0Register.IsGPR64()) && !(i.Mnemonic == Mnemonic.Pop && i.Op0Kind == OpKind.Memory);
            case Mnemonic.Leave:
                return i.Code == Code.Leaveq;
            case Mnemonic.Div or Mnemonic.Idiv:
                return i.Code is Code.Div_rm16 or Code.Div_rm32 or Code.Div_rm64 or Code.Idiv_rm16 or Code.Idiv_rm32 or Code.Idiv_rm64 && !i.HasRepPrefix && !i.HasRepnePrefix;
        }
        if (i.FlowControl != FlowControl.Next) return IsTakenTransfer(i);
        if (i.IsStringInstruction) return IsTakenString(i);
        return FormOf(i).CanCopy || IsTakenVex(i);
    }

    // Whether its memory operand is named by EmitCopyOperand.
    private bool IsCopiedAccess(in Instruction i) =>
        i.Encoding == EncodingKind.VEX ? IsTakenVex(i) && !IsVexState(i.Mnemonic) && !HostFormOf(i).IsMasked
            : FormOf(i).CanCopy && !IsBitString(i) && i.Mnemonic != Mnemonic.Fnstcw;

    // Rotating through the carry by more than one leaves an overflow flag that depends on what ran before.
    private static bool IsLongRotation(in Instruction i) =>
        i.Mnemonic is Mnemonic.Rcl or Mnemonic.Rcr && (i.Op1Kind != OpKind.Immediate8 || i.Immediate8 != 1);

    private InstructionForm FormOf(in Instruction i) => _forms[(int)i.Code] ??= InstructionForm.Learn(i, _level);

    private void EmitEnd(int end, bool isCut)
    {
        ulong rip = AddressOf(end);
        bool goesOn = _count > 0 && (_meets || _count == LongestBlock || end >= FramePool.FrameSize || isCut);
        if (goesOn) EmitExit(rip, _count, _live[_count], polls: false);
        else EmitInterpretAt(rip, _count, _last);
    }
}
