using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Kennel.Probes;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls;

/// <summary>How calls are written.</summary>
internal sealed record PrintSettings
{
    /// <summary>Bytes of a string that are shown (strace's -s).</summary>
    public int StringSize { get; init; } = 32;

    /// <summary>Structures, environments and statuses in full (-v).</summary>
    public bool Verbose { get; init; }

    /// <summary>0, 1: paths behind descriptors (-y), 2: devices too (-yy).</summary>
    public int Paths { get; init; }

    /// <summary>Strings in hexadecimal (-x, -xx).</summary>
    public HexStrings Hex { get; init; }
}

/// <summary>
/// One call that is being written: its arguments, the memory of its caller, and the text so far. Arguments write themselves through it;
/// memory that cannot be read is shown as its address.
/// </summary>
internal sealed class CallPrinter(PrintSettings settings)
{
    // No call is written with more: what a guest says that there is may be anything.
    private const int MostRead = 1 << 24;

    private readonly byte[] _buffer = new byte[4096];
    private readonly PrintSettings _usual = settings;
    private readonly PrintSettings _full = settings with { Verbose = true };
    private PrintSettings? _verbose;

    public PrintSettings Settings => _verbose ?? _usual;

    /// <summary>Told of each file that an argument leads to, by path or descriptor; null for nobody.</summary>
    public Action<string>? PathSeen { get; set; }

    /// <summary>The text so far.</summary>
    public StringBuilder Out { get; } = new();

    /// <summary>The caller.</summary>
    public ITracedTask Task { get; set; } = null!;

    /// <summary>The arguments, raw.</summary>
    public ulong[] A { get; } = new ulong[6];

    /// <summary>The raw result; only at exit.</summary>
    public long Result { get; set; }

    /// <summary>What a length that the call changes was when it began; null where there is none.</summary>
    public int? Before { get; set; }

    /// <summary>Whether the call has returned.</summary>
    public bool Exiting { get; set; }

    /// <summary>Whether it returned an error.</summary>
    public bool Failed => Exiting && Result is < 0 and >= -4095;

    /// <summary>Whether it returned with success.</summary>
    public bool Succeeded => Exiting && !Failed;

    /// <summary>Begins to write a thread's call, or its second half.</summary>
    public void Begin(TracedThread thread, bool exiting, long result, bool verbose = false)
    {
        Out.Clear();
        Task = thread.Task;
        Exiting = exiting;
        Result = result;
        Before = thread.Before;
        thread.Arguments.CopyTo(A, 0);
        _verbose = verbose ? _full : null;
    }

    public CallPrinter Text(string text)
    {
        Out.Append(text);
        return this;
    }

    public void Int(long value) => Out.Append(value.ToString(CultureInfo.InvariantCulture));

    public void UInt(ulong value) => Out.Append(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>printf's %#x.</summary>
    public void Hex(ulong value) => Out.Append(Xlat.Hex(value));

    /// <summary>A pointer: NULL or hexadecimal.</summary>
    public void Address(ulong value) => Out.Append(value == 0 ? "NULL" : Xlat.Hex(value));

    /// <summary>Permission bits: %#03o.</summary>
    public void Mode(ulong value) => Out.Append(Octal(value));

    public static string Octal(ulong value)
    {
        string digits = Convert.ToString((long)value, 8);
        return value == 0 ? "000" : ("0" + digits).PadLeft(3, '0');
    }

    /// <summary>A descriptor, with what it leads to when that is asked for.</summary>
    public void Fd(int fd)
    {
        Int(fd);
        if ((Settings.Paths == 0 && PathSeen == null) || fd < 0 || Task.FindFile(fd) is not { } file) return;
        PathSeen?.Invoke(file.Path);
        if (Settings.Paths == 0) return;
        Out.Append(Described(file, Settings.Paths));
    }

    /// <summary>What stands behind a descriptor: 1 the path, 2 the device, too.</summary>
    public static string Described(TracedFile file, int level) => level > 1 && file.Device != null ? $"<{file.Path}<{file.Device}>>" : $"<{file.Path}>";

    /// <summary>Reads memory; null when not all of it can be read.</summary>
    public byte[]? Read(ulong address, int size)
    {
        if (address == 0 || size is < 0 or > MostRead) return null;
        var bytes = new byte[size];
        return Task.ReadMemory(address, bytes) == size ? bytes : null;
    }

    public ulong? ReadU64(ulong address) => Read(address, 8) is { } b ? BinaryPrimitives.ReadUInt64LittleEndian(b) : null;

    public int? ReadInt(ulong address) => Read(address, 4) is { } b ? BinaryPrimitives.ReadInt32LittleEndian(b) : null;

    /// <summary>
    /// A structure, by a function that writes what lies between the braces; the address when there is none to read. Of a call that has failed,
    /// nothing is read any more: as strace does.
    /// </summary>
    public void Struct(ulong address, int size, Action<CallPrinter, Record> write)
    {
        if (Failed || Read(address, size) is not { } bytes)
        {
            Address(address);
            return;
        }
        Out.Append('{');
        write(this, new Record(bytes));
        Out.Append('}');
    }

    /// <summary>A number in memory: <c>[5]</c>.</summary>
    public void Boxed(ulong address, int size, Action<CallPrinter, Record> write)
    {
        if (Failed || Read(address, size) is not { } bytes)
        {
            Address(address);
            return;
        }
        Out.Append('[');
        write(this, new Record(bytes));
        Out.Append(']');
    }

    /// <summary>An array; at most as many elements as <see cref="PrintSettings.StringSize"/>, unless all are wanted.</summary>
    public void Array(ulong address, ulong count, int size, Action<CallPrinter, Record> write, bool evenIfFailed = false)
    {
        if (address == 0 || (Failed && !evenIfFailed) || (count != 0 && Read(address, size) == null))
        {
            Address(address);
            return;
        }
        Out.Append('[');
        ulong limit = Settings.Verbose ? ulong.MaxValue : (ulong)Settings.StringSize;
        for (ulong i = 0; i < count; i++)
        {
            if (i != 0) Out.Append(", ");
            if (i >= limit)
            {
                Out.Append("...");
                break;
            }
            if (Read(address + (i * (ulong)size), size) is not { } bytes)
            {
                Out.Append("... /* ").Append(Xlat.Hex(address + (i * (ulong)size))).Append(" */");
                break;
            }
            write(this, new Record(bytes));
        }
        Out.Append(']');
    }

    /// <summary>Bytes of a known number, cut.</summary>
    public void Data(ulong address, ulong length, HexStrings? hex = null)
    {
        int shown = (int)Math.Min(length, (ulong)Settings.StringSize);
        if (address == 0 || Read(address, shown) is not { } bytes)
        {
            Address(address);
            return;
        }
        Quoting.Append(Out, bytes, hex ?? Settings.Hex);
        if ((ulong)shown < length) Out.Append("...");
    }

    /// <summary>A string that ends with a zero byte, cut.</summary>
    public void String(ulong address) => Terminated(address, Settings.StringSize);

    /// <summary>A path: never cut.</summary>
    public void Path(ulong address) => Terminated(address, _buffer.Length - 1);

    /// <summary>A string inside a structure: up to a zero byte, or all.</summary>
    public void Inline(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        Quoting.Append(Out, end < 0 ? bytes : bytes[..end], Settings.Hex);
    }

    private void Terminated(ulong address, int limit)
    {
        if (address == 0)
        {
            Out.Append("NULL");
            return;
        }
        Span<byte> bytes = _buffer.AsSpan(0, Math.Min(limit + 1, _buffer.Length));
        int got = Task.ReadMemory(address, bytes);
        int end = bytes[..got].IndexOf((byte)0);
        if (end < 0 && got < bytes.Length)
        {
            Address(address);
            return;
        }
        int shown = end < 0 || end > limit ? limit : end;
        PathSeen?.Invoke(Encoding.UTF8.GetString(bytes[..shown]));
        Quoting.Append(Out, bytes[..shown], Settings.Hex);
        if (end < 0) Out.Append("...");
    }
}

/// <summary>A structure's bytes.</summary>
internal readonly record struct Record(byte[] Bytes)
{
    public ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(offset));

    public long S64(int offset) => BinaryPrimitives.ReadInt64LittleEndian(Bytes.AsSpan(offset));

    public uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(offset));

    public int S32(int offset) => BinaryPrimitives.ReadInt32LittleEndian(Bytes.AsSpan(offset));

    public ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(offset));

    public ReadOnlySpan<byte> Part(int offset, int size) => Bytes.AsSpan(offset, size);
}
