using System.Buffers.Binary;
using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Runtime;

/// <summary>
/// The memory that a script sees: its own scratch, which lasts for one firing; its structure variables; and the kernel's objects, which
/// are read field by field. Any other address is a fault.
/// </summary>
internal sealed class DMemory(IKernelModel model)
{
    public const long ScratchBase = unchecked((long)0xffff_f000_0000_0000), DataBase = unchecked((long)0xffff_e000_0000_0000);
    private const int ScratchLimit = 4 << 20;

    private byte[] _scratch = new byte[4096];
    private byte[] _data = [];

    // Behind each piece of scratch lies a zero at least, so that text that fills it ends; what is used ends before.
    private int _used = 16, _next = 16;

    /// <summary>Makes room for the structure variables.</summary>
    public void SetDataSize(int size) => _data = new byte[size];

    /// <summary>Begins a firing.</summary>
    public void Reset() => _used = _next = 16;

    /// <summary>Takes scratch space, zeroed.</summary>
    public long Allocate(long size)
    {
        if (size is < 0 or > ScratchLimit || _next + size > ScratchLimit) throw new DFault(DFaultCode.NoScratch);
        int start = _next;
        _used = start + (int)size;
        _next = (_used + 8) & ~7;
        if (_next > _scratch.Length) Array.Resize(ref _scratch, Math.Max(_next, _scratch.Length * 2));
        Array.Clear(_scratch, start, _next - start);
        return ScratchBase + start;
    }

    /// <summary>The script's own bytes at an address; null when they are not its own.</summary>
    public Span<byte> OwnBytes(long address, long size)
    {
        long scratch = address - ScratchBase, data = address - DataBase;
        if ((ulong)scratch < (ulong)_used && size >= 0 && scratch + size <= _used) return _scratch.AsSpan((int)scratch, (int)size);
        if ((ulong)data < (ulong)_data.Length && size >= 0 && data + size <= _data.Length) return _data.AsSpan((int)data, (int)size);
        return default;
    }

    /// <summary>Whether an address lies in the script's own memory.</summary>
    public bool IsOwn(long address) => (ulong)(address - ScratchBase) < (ulong)_next || (ulong)(address - DataBase) < (ulong)_data.Length;

    /// <summary>Reads a number.</summary>
    public long Load(long address, int size, bool isSigned)
    {
        Span<byte> own = OwnBytes(address, size);
        long value;
        if (!own.IsEmpty)
        {
            value = size switch { 1 => own[0], 2 => BinaryPrimitives.ReadUInt16LittleEndian(own), 4 => BinaryPrimitives.ReadUInt32LittleEndian(own), 8 => BinaryPrimitives.ReadInt64LittleEndian(own), _ => 0 };
        }
        else
        {
            value = model.ObjectAt((ulong)address, out int offset) switch
            {
                KernelArray array when size > 0 && offset / size < array.Count => NumberOf(array.Read(offset / size)),
                KernelVariable variable when offset + size <= 8 => NumberOf(variable.Read()) >> (8 * offset),
                string text when size == 1 && offset <= text.Length => offset < text.Length ? text[offset] : 0,
                _ => throw new DFault(DFaultCode.BadAddress, (ulong)address),
            };
        }
        return CInteger.Fit(value, size, isSigned);
    }

    /// <summary>Writes a number; only the script's own memory can be written.</summary>
    public long Store(long address, int size, long value)
    {
        Span<byte> own = OwnBytes(address, size);
        if (own.IsEmpty) throw new DFault(DFaultCode.BadAddress, (ulong)address);
        for (int i = 0; i < size; i++) own[i] = (byte)(value >> (8 * i));
        return value;
    }

    /// <summary>Copies a structure or string within the script's memory.</summary>
    public void Copy(long from, long to, long size)
    {
        if (size <= 0) return;
        Span<byte> target = OwnBytes(to, size);
        if (target.IsEmpty) throw new DFault(DFaultCode.BadAddress, (ulong)to);
        Bytes(from, size).AsSpan().CopyTo(target);
    }

    /// <summary>Reads bytes of whatever lies at an address.</summary>
    public byte[] Bytes(long address, long size)
    {
        if (size is < 0 or > ScratchLimit) throw new DFault(DFaultCode.NoScratch);
        if (size == 0) return [];
        Span<byte> own = OwnBytes(address, size);
        if (!own.IsEmpty) return own.ToArray();
        var result = new byte[size];
        switch (model.ObjectAt((ulong)address, out int offset))
        {
            case string text:
                Encoding.Latin1.GetBytes(text.AsSpan(Math.Min(offset, text.Length), (int)Math.Min(size, Math.Max(text.Length - offset, 0))), result);
                return result;
            case KernelArray or KernelVariable:
                for (int i = 0; i < size; i++) result[i] = (byte)Load(address + i, 1, false);
                return result;
            default:
                throw new DFault(DFaultCode.BadAddress, (ulong)address);
        }
    }

    /// <summary>The text at an address, up to its NUL.</summary>
    public string Text(long address, int limit = int.MaxValue)
    {
        if (!IsOwn(address)) return TextOf(model.ObjectAt((ulong)address, out int offset), address, offset);
        ReadOnlySpan<byte> rest = address - ScratchBase >= 0 ? _scratch.AsSpan((int)(address - ScratchBase), _next - (int)(address - ScratchBase)) : _data.AsSpan((int)(address - DataBase));
        if (rest.Length > limit) rest = rest[..limit];
        int end = rest.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? rest : rest[..end]);
    }

    /// <summary>The text that an object is.</summary>
    public static string TextOf(object? item, long address, int offset = 0) => item switch
    {
        string text => offset == 0 ? text : text[Math.Min(offset, text.Length)..],
        KernelArray array => ArrayText(array, offset),
        _ => throw new DFault(DFaultCode.BadAddress, (ulong)address),
    };

    /// <summary>The object that a pointer to some structure leads to: itself, or the element of an array.</summary>
    public object Resolve(long address, int elementSize)
    {
        object? item = model.ObjectAt((ulong)address, out int offset);
        if (item is KernelArray array && elementSize > 0)
        {
            item = offset / elementSize < array.Count ? ObjectOf(array.Read(offset / elementSize)) : null;
            offset %= elementSize;
        }
        return item == null || offset != 0 ? throw new DFault(DFaultCode.BadAddress, (ulong)address) : item;
    }

    /// <summary>A field's value as a number: an object's is its address.</summary>
    public long FieldNumber(KernelField field, object? item) => NumberOf(ReadField(field, item));

    /// <summary>A field's value as an object.</summary>
    public object? FieldObject(KernelField field, object? item) => ObjectOf(ReadField(field, item));

    /// <summary>An element's value as a number.</summary>
    public long ElementNumber(object? array, long index, int elementSize) => array switch
    {
        KernelArray a when (ulong)index < (ulong)a.Count => NumberOf(a.Read((int)index)),
        string text when elementSize == 1 && index >= 0 => index < text.Length ? text[(int)index] : 0,
        null => throw new DFault(DFaultCode.BadAddress, (ulong)(index * elementSize)),
        _ => throw new DFault(DFaultCode.BadAddress, model.AddressOf(array) + (ulong)(index * elementSize)),
    };

    /// <summary>An element's value as an object.</summary>
    public object? ElementObject(object? array, long index, int elementSize) => array switch
    {
        KernelArray a when (ulong)index < (ulong)a.Count => ObjectOf(a.Read((int)index)),
        not (null or KernelArray) when index == 0 => array,
        null => throw new DFault(DFaultCode.BadAddress, (ulong)(index * elementSize)),
        _ => throw new DFault(DFaultCode.BadAddress, model.AddressOf(array) + (ulong)(index * elementSize)),
    };

    private static FieldValue ReadField(KernelField field, object? item)
    {
        if (item == null) throw new DFault(DFaultCode.BadAddress);
        return field.Read(item) ?? throw new DFault(DFaultCode.BadAddress);
    }

    public long NumberOf(FieldValue value) => value.Object == null ? value.Number : (long)model.AddressOf(value.Object);

    private object? ObjectOf(FieldValue value) =>
        value.Object ?? (value.Number == 0 ? null : model.ObjectAt((ulong)value.Number, out int offset) is { } item && offset == 0 ? item : throw new DFault(DFaultCode.BadAddress, (ulong)value.Number));

    private static string ArrayText(KernelArray array, int offset)
    {
        var text = new StringBuilder();
        for (int i = offset; i < array.Count && array.Read(i).Number is not 0 and var c; i++) text.Append((char)(byte)c);
        return text.ToString();
    }
}
