using Iced.Intel;

namespace Kennel.Cpu.Decoding;

/// <summary>Gives Iced's decoder bytes out of native memory.</summary>
internal sealed unsafe class ByteReader : CodeReader
{
    private byte* _next, _end;

    public void Reset(byte* start, int count)
    {
        _next = start;
        _end = start + count;
    }

    public override int ReadByte() => _next < _end ? *_next++ : -1;
}
