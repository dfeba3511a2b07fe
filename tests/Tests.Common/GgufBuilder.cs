using System.Buffers.Binary;
using System.Text;
using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>Writes small GGUF files for tests, correct by default and wrong on request.</summary>
public sealed class GgufBuilder
{
    private readonly List<(string Key, GgufValueType Type, byte[] Bytes)> _pairs = [];
    private readonly List<(string Name, GgmlType Type, long[] Dimensions, byte[] Data)> _tensors = [];

    /// <summary>The magic written, "GGUF".</summary>
    public uint Magic { get; set; } = 0x46554747;

    /// <summary>The version written.</summary>
    public uint Version { get; set; } = 3;

    /// <summary>The alignment of tensor data; other than 32 also needs the pair <c>general.alignment</c>.</summary>
    public int Alignment { get; set; } = 32;

    /// <summary>Changes a tensor's offset before it is written; takes and gives (name, offset).</summary>
    public Func<string, long, long> OffsetOf { get; set; } = static (_, offset) => offset;

    /// <summary>Adds a pair; the value's .NET type (byte to ulong, float, double, bool, string or an array of these) gives the GGUF type.</summary>
    public GgufBuilder Set(string key, object value)
    {
        MemoryStream bytes = new();
        GgufValueType type = value is Array ? GgufValueType.Array : TypeOf(value.GetType());
        if (value is Array array)
        {
            GgufValueType elementType = TypeOf(array.GetType().GetElementType()!);
            WriteUInt32(bytes, (uint)elementType);
            WriteUInt64(bytes, (ulong)array.Length);
            foreach (object element in array)
            {
                WriteScalar(bytes, element);
            }
        }
        else
        {
            WriteScalar(bytes, value);
        }
        return SetRaw(key, type, bytes.ToArray());
    }

    /// <summary>Adds a pair with any type id and any bytes.</summary>
    public GgufBuilder SetRaw(string key, GgufValueType type, byte[] bytes)
    {
        _pairs.Add((key, type, bytes));
        return this;
    }

    /// <summary>Adds a tensor; <paramref name="dimensions"/> begin with the row length.</summary>
    public GgufBuilder Tensor(string name, GgmlType type, long[] dimensions, byte[] data)
    {
        _tensors.Add((name, type, dimensions, data));
        return this;
    }

    /// <summary>Adds an F32 tensor.</summary>
    public GgufBuilder Tensor(string name, long[] dimensions, float[] values)
    {
        byte[] data = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, data, 0, data.Length);
        return Tensor(name, GgmlType.F32, dimensions, data);
    }

    /// <summary>Takes a pair or a tensor out again.</summary>
    public GgufBuilder Without(string name)
    {
        _pairs.RemoveAll(pair => pair.Key == name);
        _tensors.RemoveAll(tensor => tensor.Name == name);
        return this;
    }

    /// <summary>Gives a tensor another offset.</summary>
    public GgufBuilder Move(string tensor, long offset)
    {
        Func<string, long, long> others = OffsetOf;
        OffsetOf = (name, own) => name == tensor ? offset : others(name, own);
        return this;
    }

    /// <summary>Gives a tensor another name, which may be taken.</summary>
    public GgufBuilder Rename(string tensor, string name)
    {
        int index = _tensors.FindIndex(entry => entry.Name == tensor);
        if (index >= 0)
        {
            _tensors[index] = _tensors[index] with { Name = name };
        }
        return this;
    }

    /// <summary>Another builder of the same file.</summary>
    public GgufBuilder Copy()
    {
        GgufBuilder copy = new() { Magic = Magic, Version = Version, Alignment = Alignment, OffsetOf = OffsetOf };
        copy._pairs.AddRange(_pairs);
        copy._tensors.AddRange(_tensors);
        return copy;
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes()
    {
        MemoryStream file = new();
        WriteUInt32(file, Magic);
        WriteUInt32(file, Version);
        WriteUInt64(file, (ulong)_tensors.Count);
        WriteUInt64(file, (ulong)_pairs.Count);
        foreach ((string key, GgufValueType type, byte[] bytes) in _pairs)
        {
            WriteString(file, key);
            WriteUInt32(file, (uint)type);
            file.Write(bytes);
        }
        long offset = 0;
        foreach ((string name, GgmlType type, long[] dimensions, byte[] data) in _tensors)
        {
            WriteString(file, name);
            WriteUInt32(file, (uint)dimensions.Length);
            Array.ForEach(dimensions, size => WriteUInt64(file, (ulong)size));
            WriteUInt32(file, (uint)type);
            WriteUInt64(file, (ulong)OffsetOf(name, offset));
            offset = Align(offset + data.Length);
        }
        foreach ((_, _, _, byte[] data) in _tensors)
        {
            Pad(file);
            file.Write(data);
        }
        return file.ToArray();
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path) => File.WriteAllBytes(path, ToBytes());

    private static GgufValueType TypeOf(Type type) =>
        type == typeof(byte) ? GgufValueType.UInt8
        : type == typeof(sbyte) ? GgufValueType.Int8
        : type == typeof(ushort) ? GgufValueType.UInt16
        : type == typeof(short) ? GgufValueType.Int16
        : type == typeof(uint) ? GgufValueType.UInt32
        : type == typeof(int) ? GgufValueType.Int32
        : type == typeof(float) ? GgufValueType.Float32
        : type == typeof(bool) ? GgufValueType.Bool
        : type == typeof(string) ? GgufValueType.String
        : type == typeof(ulong) ? GgufValueType.UInt64
        : type == typeof(long) ? GgufValueType.Int64
        : type == typeof(double) ? GgufValueType.Float64
        : throw new ArgumentException($"No GGUF type for {type}.", nameof(type));

    private static void WriteScalar(Stream stream, object value)
    {
        if (value is string text)
        {
            WriteString(stream, text);
            return;
        }
        stream.Write(value switch
        {
            byte number => [number],
            sbyte number => [(byte)number],
            bool flag => [(byte)(flag ? 1 : 0)],
            ushort number => BitConverter.GetBytes(number),
            short number => BitConverter.GetBytes(number),
            uint number => BitConverter.GetBytes(number),
            int number => BitConverter.GetBytes(number),
            float number => BitConverter.GetBytes(number),
            ulong number => BitConverter.GetBytes(number),
            long number => BitConverter.GetBytes(number),
            double number => BitConverter.GetBytes(number),
            _ => throw new ArgumentException($"No GGUF type for {value.GetType()}.", nameof(value)),
        });
    }

    private static void WriteString(Stream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteUInt64(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteUInt64(Stream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private long Align(long position) => (position + Alignment - 1) / Alignment * Alignment;

    private void Pad(MemoryStream file) => file.Write(new byte[Align(file.Position) - file.Position]);
}
