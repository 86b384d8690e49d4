using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Hosted;
using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Interpreter.Groups;
using Kennel.Machine;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// Turns guest bytes into runs of ops. A run goes through conditional branches and ends at an unconditional transfer, at the
/// end of the page, where it meets code that is decoded already, or when it is long enough.
/// </summary>
/// <remarks>Guarded by the code cache's gate.</remarks>
internal sealed unsafe class RunDecoder : IDisposable
{
    /// <summary>Most ops that one instruction may become.</summary>
    public const int OpsPerInstruction = 8;

    /// <summary>Most bytes of one instruction; a longer one is #GP.</summary>
    public const int LongestInstruction = 15;

    /// <summary><see cref="Op.C"/> of the ops that stand for no instruction; their Length is 0.</summary>
    public const byte StraddleMark = 1, StraddleHeadMark = 2;

    /// <summary>More than Iced's <see cref="Code"/> has members: the length of tables by instruction form.</summary>
    public const int FormCount = 5120;

    private const int LongestRun = 64, LinkAfter = 16;

    /// <summary>Where Iced is told that the page lies.</summary>
    private const ulong PageBase = 0x1000_0000_0000;

    /// <summary>Below x86-64-v3, rep bsf is bsf.</summary>
    public const DecoderOptions OptionsOfV2 = DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD;

    private readonly DecoderOptions _options;
    private readonly HostInstructions? _host;
    private readonly ByteReader _reader = new();
    private readonly Instruction[] _instructions = new Instruction[LongestRun + 1];
    private readonly bool[] _flagsDead = new bool[LongestRun + 1];
    private readonly Op* _ops = (Op*)NativeMemory.Alloc((LongestRun * (OpsPerInstruction + 1)) + 2, (nuint)sizeof(Op));
    private readonly Lowering _lowering = new();
    private readonly FlagLiveness _liveness = new();
    private bool _tooLong;
    private readonly int[] _firstOp = new int[LongestRun + 1];

    /// <param name="host">Runs instructions of x86-64-v3, if the guest's processor has those.</param>
    public RunDecoder(HostInstructions? host)
    {
        _host = host;
        _options = host == null ? OptionsOfV2 : DecoderOptions.None;
    }

    // Iced fills its tables when the first is made: where the translator runs, there may be nothing to decode.
    private Decoder Decoder => field ??= Decoder.Create(64, _reader, _options);

    /// <summary>Decodes the run at an offset of a page and enters its instructions; answers its first op. Watched ones get an op in front.</summary>
    public Op* Decode(CodePage* page, byte* bytes, int offset, HashSet<int>? watched)
    {
        int count = Read(page, bytes, offset, out Op end);
        Instruction[] run = _instructions;
        _liveness.Find(run, count, _flagsDead);
        var builder = new OpBuilder(_ops, PageBase) { PageBytes = bytes, Host = _host };
        for (int i = 0; i < count; i++)
        {
            _firstOp[i] = builder.Length;
            if (watched != null && watched.Contains(OffsetOf(run[i]))) builder.Add(run[i], &Transfer.Watch);
            bool fused = i + 1 < count && !(watched != null && watched.Contains(OffsetOf(run[i + 1]))) && Fusion.Lower(run[i], run[i + 1], ref builder);
            if (!fused)
            {
                builder.FlagsDead = _flagsDead[i];
                LowerOne(run[i], ref builder);
            }
            for (int n = _firstOp[i]; n < builder.Length; n++) builder[n].Count = (ushort)(i + 1);
            if (fused) _firstOp[++i] = -1;
        }
        end.Count = (ushort)(count + 1);
        _ops[builder.Length] = end;
        Op* ops = CodePage.Append(page, _ops, builder.Length + 1);
        for (int i = 0; i < count; i++)
        {
            int at = (int)(run[i].IP - PageBase);
            if (_firstOp[i] >= 0 && (i == 0 || CodePage.Entry(page, at) == null)) CodePage.SetEntry(page, at, ops + _firstOp[i]);
        }
        if (count == 0) CodePage.SetEntry(page, offset, ops);
        return ops;
    }

    /// <summary>
    /// Decodes one instruction alone, followed by an op that stops behind it (<paramref name="step"/>) or goes on in the next
    /// page. Answers how many ops it wrote, 0 if it needs more bytes.
    /// </summary>
    public int DecodeSingle(byte* bytes, int available, int offset, Op* ops, bool step)
    {
        Instruction i = Next(bytes, available, offset, out bool more);
        if (more) return 0;
        var builder = new OpBuilder(ops, PageBase) { SingleStep = step, PageBytes = bytes - offset, Host = _host };
        LowerOne(i, ref builder);
        for (int n = 0; n < builder.Length; n++)
        {
            builder[n].Count = 1;
            if (i.FlowControl != FlowControl.Next) builder[n].NoLink = true;
        }
        ops[builder.Length] = new Op { Run = step ? &Transfer.StepEnd : &Transfer.PageEnd, Offset = (ushort)(offset + i.Length), Count = 2 };
        return builder.Length + 1;
    }

    public void Dispose() => NativeMemory.Free(_ops);

    // Fills _instructions; answers how many there are, and the op that goes behind them.
    private int Read(CodePage* page, byte* bytes, int offset, out Op end)
    {
        int count = 0;
        while (true)
        {
            if (offset == FramePool.FrameSize)
            {
                end = new Op { Run = &Transfer.PageEnd, Offset = (ushort)offset };
                return count;
            }
            if (count == LongestRun || (count >= LinkAfter && CodePage.Entry(page, offset) != null))
            {
                end = new Op { Run = &Transfer.Continue, Offset = (ushort)offset, Target = CodePage.Entry(page, offset) };
                return count;
            }
            Instruction i = Next(bytes + offset, FramePool.FrameSize - offset, offset, out bool straddles);
            if (straddles)
            {
                end = new Op { Run = &Transfer.Straddle, Offset = (ushort)offset, C = StraddleMark };
                return count;
            }
            _instructions[count++] = i;
            offset += i.Length;
            if (i.FlowControl is FlowControl.Next or FlowControl.ConditionalBranch) continue;
            // Whoever gets here returned from a system call or the like; most of these never fall through.
            end = new Op { Run = &Transfer.Continue, Offset = (ushort)offset };
            if (offset == FramePool.FrameSize) end.Run = &Transfer.PageEnd;
            return count;
        }
    }

    private static int OffsetOf(in Instruction i) => (int)(i.IP - PageBase);

    private Instruction Next(byte* bytes, int available, int offset, out bool more)
    {
        available = Math.Min(available, LongestInstruction);
        _reader.Reset(bytes, available);
        Decoder.IP = PageBase + (ulong)offset;
        Decoder.Decode(out Instruction i);
        bool ranOut = i.IsInvalid && Decoder.LastError == DecoderError.NoMoreBytes;
        more = ranOut && available < LongestInstruction;
        _tooLong = i.IsInvalid && i.Length == LongestInstruction && !IsWholeInstruction(bytes, available);
        return i;
    }

    // Whether the bytes are one instruction, if not a valid one.
    private bool IsWholeInstruction(byte* bytes, int available)
    {
        _reader.Reset(bytes, available);
        return !Decoder.Create(64, _reader, _options | DecoderOptions.NoInvalidCheck).Decode().IsInvalid;
    }

    private void LowerOne(in Instruction i, ref OpBuilder b)
    {
        // A run ends at what is no instruction, so this is the one that was read last.
        if (i.IsInvalid) Invalid.Lower(i, ref b, _tooLong);
        else if (!_lowering.Lower(i, ref b)) Invalid.Lower(i, ref b, tooLong: false);
    }
}
