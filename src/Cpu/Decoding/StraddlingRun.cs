using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kennel.Cpu.Interpreter;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// The run of an instruction that lies in two pages, for one pair of frames: in the list of runs that begin in the first, and
/// in that of those that end in the second. It dies with either page's code. Guarded by the code cache's gate.
/// </summary>
internal unsafe struct StraddlingRun
{
    private CodePage* _first, _second;
    private StraddlingRun* _nextBeginning, _nextEnding;
    private int _offset, _count;

    private static Op* OpsOf(StraddlingRun* run) => (Op*)(run + 1);

    /// <summary>The ops of the instruction at an offset of one page that goes on in the other; null if there are none.</summary>
    public static Op* Find(CodePage* first, int offset, CodePage* second)
    {
        for (StraddlingRun* run = first->Beginning; run != null; run = run->_nextBeginning)
        {
            if (run->_offset == offset && run->_second == second) return OpsOf(run);
        }
        return null;
    }

    public static Op* Add(CodePage* first, int offset, CodePage* second, Op* ops, int count)
    {
        var run = (StraddlingRun*)NativeMemory.Alloc((nuint)(sizeof(StraddlingRun) + (count * sizeof(Op))));
        Unsafe.CopyBlock(OpsOf(run), ops, (uint)(count * sizeof(Op)));
        *run = new StraddlingRun
        {
            _first = first,
            _second = second,
            _offset = offset,
            _count = count,
            _nextBeginning = first->Beginning,
            _nextEnding = second->Ending,
        };
        first->Beginning = run;
        second->Ending = run;
        return OpsOf(run);
    }

    /// <summary>Makes all runs stale that a page is part of, and puts them in front of a list of those to be freed.</summary>
    public static void Retire(CodePage* page, ref StraddlingRun* retired)
    {
        while (page->Beginning != null) RetireOne(page->Beginning, ref retired);
        while (page->Ending != null) RetireOne(page->Ending, ref retired);
    }

    public static void Free(StraddlingRun* retired)
    {
        while (retired != null)
        {
            StraddlingRun* next = retired->_nextBeginning;
            NativeMemory.Free(retired);
            retired = next;
        }
    }

    private static void RetireOne(StraddlingRun* run, ref StraddlingRun* retired)
    {
        StraddlingRun** place = &run->_first->Beginning;
        while (*place != run) place = &(*place)->_nextBeginning;
        *place = run->_nextBeginning;
        place = &run->_second->Ending;
        while (*place != run) place = &(*place)->_nextEnding;
        *place = run->_nextEnding;
        CodePage.MakeStale(OpsOf(run), run->_count);
        run->_nextBeginning = retired;
        retired = run;
    }
}
