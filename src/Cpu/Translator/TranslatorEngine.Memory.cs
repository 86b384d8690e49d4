using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>Ranges for accesses that generated code could not make, and what an address space has of code.</summary>
public sealed unsafe partial class TranslatorEngine
{
    // Looks the page and the range up that a memory operand lies in. Nothing if that does not help: a store into code, or two pages that
    // do not lie one behind the other.
    private static Found FindMemory(Processor processor, ProcessorContext own, CpuState* s, PageTable memory, in ExitRecord record)
    {
        TranslatorContext* c = own.Context;
        bool write = (record.Access & 0x80) != 0;
        ulong address = c->Address, last = address + (1UL << (record.Access & 15)) - 1;
        RangeSlot* range = own.Ranges.Find(memory, address, write);
        if (range == null) return (record.Access & ExitRecord.Masked) == 0 && IsFault(processor, s, memory, address + record.Slot, record.Own) ? Found.Fault : Found.Nothing;
        own.SetSite(record.Range, range);
        own.Ranges.Enter(range, address, write);
        bool covers = range->Covers(address, last - address + 1);
        if (covers && range->Length > 1 << KnownRanges.RegionShift) return Found.Range;
        if (!processor.Cache!.Fill(memory, address, write ? PageAccess.Write : PageAccess.Read, out TlbEntry entry)) return Found.Nothing;
        return covers || (last & ~0xfffUL) == (write ? entry.WriteTag : entry.ReadTag) ? Found.Range : Found.Nothing;
    }

    // Sets a page fault up, if that is what an access comes to: within a page, and no alignment is wanting.
    private static bool IsFault(Processor processor, CpuState* s, PageTable memory, ulong address, byte own)
    {
        PageAccess access = (own & 0x80) != 0 ? PageAccess.Write : PageAccess.Read;
        ulong last = address + (1UL << (own & 15)) - 1;
        bool isPlain = address < PageTable.AddressLimit && ((address ^ last) & ~0xfffUL) == 0 && ((address & (last - address)) == 0 || last - address < 15);
        if (!isPlain || processor.Cache!.Fill(memory, address, access, out _)) return false;
        s->FaultAddress = address;
        s->FaultAccess = access;
        return true;
    }

    // Before an instruction that faulted is tried again. What was written is read soon, and others come to the same page: both would leave generated code to find
    // what is known here. The ranges are always found now, not when the TLB is passed by: so a program that is started again finds them in the same order.
    private static void FindAgain(Processor processor, ProcessorContext own, PageTable memory, in Restart restart)
    {
        bool write = (restart.Access & 0x80) != 0;
        RangeSlot* range = own.Ranges.Find(memory, restart.Address, write);
        if (range == null) return;
        own.SetSite(restart.Range, range);
        own.Ranges.Enter(range, restart.Address, write);
        if (write)
        {
            RangeSlot* read = own.Ranges.Find(memory, restart.Address, write: false);
            if (read != null) own.Ranges.Enter(read, restart.Address, write: false);
        }
        if (range->Length <= 1 << KnownRanges.RegionShift) processor.Cache!.Fill(memory, restart.Address, write ? PageAccess.Write : PageAccess.Read, out _);
    }

    // The same for a repeated instruction: all that it goes over, or its first element, has to lie in one range.
    private static bool FindString(ProcessorContext own, CpuState* s, PageTable memory, in ExitRecord record)
    {
        ulong address = own.Context->Address, elements = record.Kind == ExitKind.Whole ? s->R[CpuState.Rcx] : 1;
        RangeSlot* range = own.Ranges.Find(memory, address, (record.Access & 0x80) != 0);
        if (range == null) return false;
        own.SetSlot(record.Range, *range);
        own.Ranges.Enter(range, address, (record.Access & 0x80) != 0);
        return range->Covers(address, elements * (ulong)(record.Access & 0x7f));
    }

    // The same for all stack accesses of a group. If they do not lie in one range, the interpreter makes them one by one.
    private static bool FindGroup(ProcessorContext own, PageTable memory, in ExitRecord record)
    {
        ulong start = own.Context->Address;
        RangeSlot* range = own.Ranges.Find(memory, start, (record.Access & 0x80) != 0);
        if (range == null) return false;
        own.SetSlot(record.Range, range->ForGroups);
        return range->Covers(start, (ulong)record.Extent * 8);
    }

    // Sets a page fault up if not.
    private static bool CanFetch(PageTable memory, CpuState* s)
    {
        if (s->Rip >= PageTable.AddressLimit) return true; // or worse: the interpreter knows
        lock (memory.Gate)
        {
            Pte pte = memory.Walk(s->Rip, out _);
            if (pte.CanExecute && pte.IsPresent) return true;
        }
        s->FaultAddress = s->Rip;
        s->FaultAccess = PageAccess.Execute;
        return false;
    }

    // Whether code that was translated before is that of an address now.
    private bool IsAt(PageTable memory, ulong rip, int page)
    {
        lock (memory.Gate)
        {
            Pte pte = memory.Walk(rip, out _);
            return pte.CanExecute && pte.IsPresent && _store.IsCurrent(pte.Frame, page, memory.CodeAreaAt(rip));
        }
    }

    private enum Found
    {
        Nothing,
        Range,
        Fault,
    }
}
