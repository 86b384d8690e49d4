using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Where guest registers are. Twelve have a host register of the same name, and three are in the context; but in a stretch of a block that
/// uses some of the three more than others, they change places with those that it uses least.
/// </summary>
/// <remarks>
/// An exchange is three numbers of four bits: who has changed places with r10, r11 and r15; 0 for nobody. Outside of blocks there is none, nor where others come
/// in: a stretch begins and ends with it, and whoever leaves it takes it back, in its stub or, where only the engine can go on, there
/// (<see cref="ExitRecord.Exchange"/>). It is never changed between an instruction's first check and its effect.
/// </remarks>
internal sealed unsafe partial class BlockTranslator
{
    // Instructions that an exchange and its return cost for each register, and what it has to save besides.
    private const int ExchangeCost = 6, LeastGain = 3;

    private static readonly int[] s_inContext = [CpuState.R10, CpuState.R11, CpuState.R15];

    // Those that no instruction of a stretch names but by its operands.
    private static readonly int[] s_exchangeable = [CpuState.Rbx, CpuState.Rsi, CpuState.Rdi, CpuState.Rbp, 8, 9, 12, 13, 14];

    private readonly int[] _home = new int[16], _field = new int[16]; // -1 for none
    private readonly int[] _exchangeAt = new int[LongestBlock + 1];
    private readonly int[] _mentions = new int[16];
    private int _exchange = -1; // that code being made is under
    private bool _isLoop; // whether the block's first stretch jumps back to its beginning
    private int _loopHead; // where the block's jumps back to its beginning lead, which is under the same exchange as they; 0 for nowhere

    // The host register that a guest register is at home in; -1 if that is the context.
    private int HomeOf(int guest) => _home[guest];

    /// <summary>Where in the context a guest register is that has no host register; -1 for others.</summary>
    private int FieldOf(int guest) => guest < 0 ? -1 : _field[guest];

    private static int FieldOfContext(int n) => n == 0 ? TranslatorContext.R10At : n == 1 ? TranslatorContext.R11At : TranslatorContext.R15At;

    private void SetExchange(int exchange)
    {
        if (exchange == _exchange) return;
        _exchange = exchange;
        for (int guest = 0; guest < _home.Length; guest++) (_home[guest], _field[guest]) = (guest == CpuState.Rsp ? Stack : guest, -1);
        for (int n = 0; n < s_inContext.Length; n++)
        {
            int other = exchange >> (4 * n) & 15;
            (_home[s_inContext[n]], _field[s_inContext[n]]) = (-1, FieldOfContext(n));
            if (other == 0) continue;
            (_home[s_inContext[n]], _field[s_inContext[n]]) = (other, -1);
            (_home[other], _field[other]) = (-1, FieldOfContext(n));
        }
    }

    // Takes what there is back, and makes another one. Leaves flags and T alone.
    private void ChangeExchange(int exchange)
    {
        if (exchange == _exchange) return;
        EmitUnpin(_exchange);
        EmitExchange(_exchange);
        EmitExchange(exchange);
        EmitPins(exchange);
        SetExchange(exchange);
        _held = -1;
        _kept = Math.Max(_kept, 0); // what T is for accesses near a register depends on where that is
    }

    private void EmitExchange(int exchange)
    {
        for (int n = 0; n < s_inContext.Length; n++)
        {
            int other = exchange >> (4 * n) & 15;
            if (other == 0) continue;
            _e.Context(Mov, U, FieldOfContext(n));
            _e.Context(Store, other, FieldOfContext(n));
            _e.Registers(Mov, other, U);
        }
    }

    // Chooses the exchange for each instruction. In most blocks there is nothing to choose.
    private void FindExchanges(ulong joins, bool mayLoop)
    {
        _loopHead = 0;
        _isLoop = false;
        _exchangeAt.AsSpan(0, _count + 1).Clear();
        if (_counts || !(mayLoop || NamesHighRegisters())) return;
        for (int n = 0; n < _count;)
        {
            int first = n;
            Array.Clear(_mentions);
            for (; n < _count && (joins >> n & 1) == 0 && CanExchange(_block[n]); n++)
            {
                Mention(_block[n]);
                _isLoop |= first == 0 && _block[n].FlowControl == FlowControl.ConditionalBranch && _block[n].NearBranchTarget == _block[0].IP && _live[0] == RflagsBits.None;
            }
            bool loops = _isLoop && first == 0;
            int exchange = n - first < 3 ? 0 : ChooseExchange(loops);
            if (loops) exchange |= ChoosePins(n);
            if (exchange != 0) _exchangeAt.AsSpan(first, n - first).Fill(exchange);
            if (n == first) n++;
        }
    }

    // Whether an instruction may name one of r8 to r15, which takes a prefix.
    private bool NamesHighRegisters()
    {
        for (int n = 0; n < _count; n++)
        {
            byte* prefix = BytesOf(n);
            while (*prefix is 0xf0 or 0xf2 or 0xf3 or 0x66 or 0x67 or 0x26 or 0x2e or 0x36 or 0x3e or 0x64 or 0x65) prefix++;
            if (*prefix is 0xc4 or 0xc5 or 0x62 || (*prefix is >= 0x40 and <= 0x4f && (*prefix & 7) != 0)) return true;
        }
        return false;
    }

    private static bool CanExchange(in Instruction i)
    {
        if (i.FlowControl == FlowControl.ConditionalBranch) return i.IsJccShortOrNear;
        if (i.FlowControl != FlowControl.Next || i.IsStringInstruction || i.Mnemonic is Mnemonic.Leave or Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b) return false;
        for (int n = 0; n < i.OpCount; n++)
        {
            OpKind kind = i.GetOpKind(n);
            if (kind is >= OpKind.MemorySegSI and <= OpKind.MemoryESRDI) return false;
            if (kind == OpKind.Register && i.GetOpRegister(n) is Register.AH or Register.BH or Register.CH or Register.DH) return false;
        }
        return true;
    }

    private void Mention(in Instruction i)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            switch (i.GetOpKind(n))
            {
                case OpKind.Register when i.GetOpRegister(n).IsGPR():
                    _mentions[Registers.SlotOf(i.GetOpRegister(n))] += n == 0 ? 2 : 1;
                    break;
                case OpKind.Memory:
                    if (i.MemoryBase.IsGPR()) _mentions[Registers.SlotOf(i.MemoryBase)]++;
                    if (i.MemoryIndex.IsGPR()) _mentions[Registers.SlotOf(i.MemoryIndex)]++;
                    break;
            }
        }
    }

    private int ChooseExchange(bool loops)
    {
        int exchange = 0, cost = loops ? 0 : ExchangeCost;
        for (int n = 0; n < s_inContext.Length; n++)
        {
            int chosen = 0, least = _mentions[s_inContext[n]] - cost - LeastGain;
            foreach (int other in s_exchangeable)
            {
                if (_mentions[other] < 0 || _mentions[other] > least || (chosen != 0 && _mentions[other] >= _mentions[chosen])) continue;
                chosen = other;
            }
            if (chosen == 0) continue;
            exchange |= chosen << (4 * n);
            _mentions[chosen] = -1; // taken
        }
        return exchange;
    }
}
