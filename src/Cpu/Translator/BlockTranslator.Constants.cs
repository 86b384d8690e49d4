using Iced.Intel;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Operands at addresses that are constants: their pages are looked up in a table by their number, which is nothing but a look whether there is one.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private const ulong PageMask = FramePool.FrameSize - 1;

    private readonly ConstantPages _constantPages;

    private static int OffsetInPage(in Instruction i) => (int)(i.MemoryDisplacement64 & PageMask);

    private static bool IsConstant(in Instruction i) => BaseGroups.IsAtConstant(i) && OffsetInPage(i) + i.MemorySize.GetSize() <= FramePool.FrameSize;

    // The number of the page that an operand lies in; -1 if it has none.
    private int PageNumberOf(in Instruction i, bool write) => IsConstant(i) ? _constantPages.NumberOf(i.MemoryDisplacement64 & ~PageMask, write) : -1;

    // T becomes the host address of that page.
    private void EmitPage(int n, in Instruction i, int number, int size, bool write, bool ownWrite)
    {
        BeginAccess(n);
        _e.Context(Mov, T, write ? TranslatorContext.WritePagesAt : TranslatorContext.ReadPagesAt);
        _e.Memory(Mov, T, T, number * sizeof(ulong));
        _e.Registers(Test, T, T);
        AddPageMiss(StubKind.Page, n, i, number, new OwnAccess(0, size, ownWrite), write);
    }

    private void AddPageMiss(StubKind kind, int n, in Instruction i, int number, OwnAccess own, bool write) =>
        _stubs.Add(AccessStub(kind, n, _e.Jump(Equal), NextSite(write), write, own) with { Number = number, Address = i.MemoryDisplacement64 });

    // Whatever serves an access serves all of its page.
    private void EmitPageMiss(in Stub stub)
    {
        _e.Constant(T, stub.Address);
        EmitFindSlot(stub, 1);
        _e.Constant(T, stub.Address & ~PageMask);
        _e.Memory(Add, T, U, TranslatorContext.DeltaAt);
        _e.Context(Mov, U, stub.Write ? TranslatorContext.WritePagesAt : TranslatorContext.ReadPagesAt);
        _e.Memory(Store, T, U, stub.Number * sizeof(ulong));
        _e.JumpTo(stub.Back);
    }

    // Near the base of FS, where a thread has what is its own: T becomes the host address of that base.
    private bool TryEmitThread(int n, in Instruction i, int size, bool write)
    {
        long displacement = (long)i.MemoryDisplacement64;
        bool isNear = i.MemorySegment == Register.FS && i.MemoryBase == Register.None && i.MemoryIndex == Register.None &&
            displacement >= -TranslatorContext.ThreadNearness && displacement + size <= TranslatorContext.ThreadNearness;
        if (!isNear) return false;
        BeginAccess(n);
        _e.Context(Mov, T, write ? TranslatorContext.ThreadWriteAt : TranslatorContext.ThreadReadAt);
        _e.Registers(Test, T, T);
        AddPageMiss(StubKind.Thread, n, i, 0, new OwnAccess(0, size, write), write);
        return true;
    }

    // It is known from then on, if all that is near it lies in its page.
    private void EmitThreadMiss(in Stub stub)
    {
        _e.Constant(T, stub.Address);
        _e.Context(Add, T, TranslatorContext.FsBaseAt);
        EmitFindSlot(stub, stub.Own.Size);
        _e.Context(Mov, T, TranslatorContext.FsBaseAt);
        _e.Memory(Add, T, U, TranslatorContext.DeltaAt);
        _e.Memory(Lea, U, T, -TranslatorContext.ThreadNearness);
        _e.Registers(0x81, 4, U, wide: false); // and
        _e.Int32(FramePool.FrameSize - 1);
        _e.Registers(0x81, 7, U, wide: false); // cmp
        _e.Int32(FramePool.FrameSize - (2 * TranslatorContext.ThreadNearness));
        _e.JumpTo(Above, stub.Back);
        _e.Context(Store, T, stub.Write ? TranslatorContext.ThreadWriteAt : TranslatorContext.ThreadReadAt);
        _e.JumpTo(stub.Back);
    }

    // U becomes a slot that serves T, which is lost: what served the place the last time, or what is found.
    private void EmitFindSlot(in Stub stub, int size)
    {
        _e.Context(Mov, U, stub.Slot);
        _e.CallTo(_shared.Slow(size, stub.Write));
        int end = _e.Position + SharedRoutines.AfterSlow;
        _e.Context(Store, U, stub.Slot);
        _e.JumpTo(end + ExitRecord.Size);
        _e.Position = end;
        EmitMemoryRecord(stub, size);
    }
}
