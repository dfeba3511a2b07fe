using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Winnow.Inference.Files;

/// <summary>
/// A cursor over a mapped file that never reads beyond its end, and asks for bytes before it reads them; every failure names the field it was
/// reading.
/// </summary>
internal sealed unsafe class GgufReader(ModelFilePart file)
{
    private const long ReadAhead = 8L << 20;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private long _present;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes left.</summary>
    public long Remaining => file.ByteLength - Position;

    /// <summary>Reads a little-endian scalar.</summary>
    public T Read<T>(string field)
        where T : unmanaged
    {
        Require(sizeof(T), field);
        T value = Unsafe.ReadUnaligned<T>(file.Start + Position);
        Position += sizeof(T);
        return value;
    }

    /// <summary>Reads scalars side by side.</summary>
    public T[] ReadArray<T>(long count, string field)
        where T : unmanaged
    {
        RequireCount(count, sizeof(T), field);
        Bring(count * sizeof(T));
        T[] values = new T[count];
        new ReadOnlySpan<byte>(file.Start + Position, checked((int)count * sizeof(T)))
            .CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        Position += count * sizeof(T);
        return values;
    }

    /// <summary>Reads a byte that must be 0 or 1.</summary>
    public bool ReadBool(string field)
    {
        byte value = Read<byte>(field);
        return value <= 1 ? value == 1 : throw Error(field, value, "0 or 1");
    }

    /// <summary>Reads a string; <paramref name="strict"/> refuses invalid UTF-8, otherwise it becomes U+FFFD.</summary>
    public string ReadString(string field, long maxBytes = int.MaxValue, bool strict = false)
    {
        ulong bytes = Read<ulong>(field);
        if (bytes > (ulong)Math.Min(maxBytes, Remaining))
        {
            throw Error($"{field}, length", bytes, $"at most {Math.Min(maxBytes, Remaining)} bytes");
        }
        Bring((long)bytes);
        ReadOnlySpan<byte> text = new(file.Start + Position, (int)bytes);
        Position += (long)bytes;
        try
        {
            return strict ? StrictUtf8.GetString(text) : Encoding.UTF8.GetString(text);
        }
        catch (DecoderFallbackException inner)
        {
            throw new ModelFileException(file.Path, field, Convert.ToHexString(text[..Math.Min(32, text.Length)]), "valid UTF-8", inner);
        }
    }

    /// <summary>Refuses a count whose items, at least <paramref name="minItemBytes"/> each, cannot be in the rest of the file, or over a limit.</summary>
    public void RequireCount(long count, int minItemBytes, string field, int limit = int.MaxValue)
    {
        long room = Math.Min(Remaining, int.MaxValue) / minItemBytes;
        if (count < 0 || count > room)
        {
            throw Error(field, (ulong)count, $"at most {room}, what the file has room for");
        }
        if (count > limit)
        {
            throw Error(field, count, $"at most {limit}");
        }
    }

    /// <summary>The exception for a field of this file.</summary>
    public ModelFileException Error(string field, object found, string expected) => new(file.Path, field, found, expected);

    /// <summary>Makes the next bytes present, and about as many after them as have been read: how long a header is, only its end tells.</summary>
    private void Bring(long bytes)
    {
        if (Position + bytes > _present)
        {
            long wanted = Math.Min(Math.Max(bytes, Math.Min(Position, ReadAhead)), Remaining);
            file.Require(Position, wanted);
            _present = Position + wanted;
        }
    }

    private void Require(int bytes, string field)
    {
        if (Remaining < bytes)
        {
            throw Error(field, $"end of file at byte {file.ByteLength}", $"{bytes} more bytes at byte {Position}");
        }
        Bring(bytes);
    }
}
