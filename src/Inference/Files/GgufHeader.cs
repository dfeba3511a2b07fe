namespace Winnow.Inference.Files;

/// <summary>
/// Reads and checks everything before the tensor data: magic, version, counts, key-value pairs and the tensor directory
/// (ggml's docs/gguf.md, versions 2 and 3, little-endian).
/// </summary>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747;
    private const uint GitPointerMagic = 0x73726576; // 'vers', the beginning of a Git LFS pointer
    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;
    private const int MaxKeyBytes = 65_535;
    private const int MaxTensorNameBytes = 1_024;
    private const int MaxDimensions = 4;

    // Far more than any model has. An entry takes many times its bytes of the file in memory, so a file of a few megabytes must not have more.
    private const int MaxPairs = 1 << 14;
    private const int MaxTensors = 1 << 16;
    private const int MaxStrings = 1 << 20;

    private const int MinPairBytes = 8 + 4 + 1;
    private const int MinTensorBytes = 8 + 4 + 8 + 4 + 8;
    private const string AlignmentKey = "general.alignment";

    private readonly string _path;
    private readonly GgufReader _reader;
    private readonly Dictionary<string, GgufValue> _values = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];
    private int _stringsLeft = MaxStrings;
    private readonly List<GgufTensor> _tensors = [];

    private GgufHeader(string path, GgufReader reader)
    {
        _path = path;
        _reader = reader;
    }

    /// <summary>Format version, 2 or 3.</summary>
    public uint Version { get; private set; }

    /// <summary>Alignment of the data section and of every tensor in it.</summary>
    public int Alignment { get; private set; } = DefaultAlignment;

    /// <summary>Bytes before the data section, its padding included; may lie beyond the end of a file without tensors.</summary>
    public long DataOffset { get; private set; }

    /// <summary>Key-value pairs.</summary>
    public GgufMetadata Metadata => new(_path, _values, _keys);

    /// <summary>Tensors in directory order.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    /// <summary>Reads the header of the file under the reader.</summary>
    /// <exception cref="ModelFileException">Anything is not as the format says.</exception>
    public static GgufHeader Read(string path, GgufReader reader, long fileLength)
    {
        GgufHeader header = new(path, reader);
        header.ReadMagicAndVersion();
        ulong tensorCount = reader.Read<ulong>("tensor count");
        ulong pairCount = reader.Read<ulong>("metadata count");
        reader.RequireCount((long)pairCount, MinPairBytes, "metadata count", MaxPairs);
        reader.RequireCount((long)tensorCount, MinTensorBytes, "tensor count", MaxTensors);
        for (int i = 0; i < (int)pairCount; i++)
        {
            header.ReadPair(i);
        }
        header.ReadAlignment();
        header.ReadTensors((int)tensorCount, fileLength);
        return header;
    }

    private void ReadMagicAndVersion()
    {
        uint magic = _reader.Read<uint>("magic");
        if (magic != Magic)
        {
            throw _reader.Error("magic", $"0x{magic:X8}", $"0x{Magic:X8} ('GGUF'){MagicHint(magic)}");
        }
        Version = _reader.Read<uint>("version");
        if (Version is not (2 or 3))
        {
            string hint = (Version & 0xFFFF) == 0 ? "; the file seems to be big-endian, convert it to little-endian" : "";
            throw _reader.Error("version", Version, $"2 or 3{hint}");
        }
    }

    private string MagicHint(uint magic) => magic == GitPointerMagic ? "; the file is a Git LFS pointer, fetch what it points to"
        : _path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? "; of a model in safetensors give the folder"
        : "";

    private void ReadPair(int index)
    {
        string key = _reader.ReadString($"key of metadata pair {index}", MaxKeyBytes, strict: true);
        if (key.Length == 0)
        {
            throw _reader.Error($"key of metadata pair {index}", "", "a name");
        }
        string field = $"metadata '{key}'";
        GgufValueType type = ReadType($"{field}, type");
        GgufValue value = type == GgufValueType.Array ? ReadArray(field) : new GgufValue(type, null, ReadScalar(type, field));
        if (!_values.TryAdd(key, value))
        {
            throw _reader.Error("metadata key", key, "every key once, and this one is there twice");
        }
        _keys.Add(key);
    }

    private GgufValueType ReadType(string field)
    {
        uint id = _reader.Read<uint>(field);
        return id <= (uint)GgufValueType.Float64 ? (GgufValueType)id : throw _reader.Error(field, id, "a value type from 0 to 12");
    }

    private object ReadScalar(GgufValueType type, string field) => type switch
    {
        GgufValueType.UInt8 => _reader.Read<byte>(field),
        GgufValueType.Int8 => _reader.Read<sbyte>(field),
        GgufValueType.UInt16 => _reader.Read<ushort>(field),
        GgufValueType.Int16 => _reader.Read<short>(field),
        GgufValueType.UInt32 => _reader.Read<uint>(field),
        GgufValueType.Int32 => _reader.Read<int>(field),
        GgufValueType.Float32 => _reader.Read<float>(field),
        GgufValueType.Bool => _reader.ReadBool(field),
        GgufValueType.String => _reader.ReadString(field),
        GgufValueType.UInt64 => _reader.Read<ulong>(field),
        GgufValueType.Int64 => _reader.Read<long>(field),
        _ => _reader.Read<double>(field),
    };

    private GgufValue ReadArray(string field)
    {
        GgufValueType type = ReadType($"{field}, element type");
        string countField = $"{field}, element count";
        long count = (long)_reader.Read<ulong>(countField);
        Array values = type switch
        {
            GgufValueType.UInt8 => _reader.ReadArray<byte>(count, countField),
            GgufValueType.Int8 => _reader.ReadArray<sbyte>(count, countField),
            GgufValueType.UInt16 => _reader.ReadArray<ushort>(count, countField),
            GgufValueType.Int16 => _reader.ReadArray<short>(count, countField),
            GgufValueType.UInt32 => _reader.ReadArray<uint>(count, countField),
            GgufValueType.Int32 => _reader.ReadArray<int>(count, countField),
            GgufValueType.Float32 => _reader.ReadArray<float>(count, countField),
            GgufValueType.Bool => ReadEach(count, sizeof(byte), countField, _reader.ReadBool, field),
            GgufValueType.String => ReadStrings(count, countField, field),
            GgufValueType.UInt64 => _reader.ReadArray<ulong>(count, countField),
            GgufValueType.Int64 => _reader.ReadArray<long>(count, countField),
            GgufValueType.Float64 => _reader.ReadArray<double>(count, countField),
            _ => throw _reader.Error($"{field}, element type", type, "a scalar or a string (arrays of arrays are not supported)"),
        };
        return new GgufValue(GgufValueType.Array, type, values);
    }

    private string[] ReadStrings(long count, string countField, string field)
    {
        _reader.RequireCount(count, sizeof(ulong), countField, _stringsLeft);
        _stringsLeft -= (int)count;
        return ReadEach(count, sizeof(ulong), countField, name => _reader.ReadString(name), field);
    }

    private T[] ReadEach<T>(long count, int minItemBytes, string countField, Func<string, T> read, string field)
    {
        _reader.RequireCount(count, minItemBytes, countField);
        T[] values = new T[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = read(field);
        }
        return values;
    }

    private void ReadAlignment()
    {
        if (!_values.TryGetValue(AlignmentKey, out GgufValue? value))
        {
            return;
        }
        Int128 alignment = GgufValue.ToInteger(value.Value) ?? throw _reader.Error(AlignmentKey, value.TypeName, "an integer");
        if (alignment < 1 || alignment > MaxAlignment || !Int128.IsPow2(alignment))
        {
            throw _reader.Error(AlignmentKey, alignment, $"a power of two from 1 to {MaxAlignment}");
        }
        Alignment = (int)alignment;
    }

    private void ReadTensors(int count, long fileLength)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            GgufTensor tensor = ReadTensor(i);
            _tensors.Add(names.Add(tensor.Name) ? tensor : throw _reader.Error("tensor name", tensor.Name, "every name once, and this one is there twice"));
        }
        DataOffset = (_reader.Position + Alignment - 1) / Alignment * Alignment;
        long dataBytes = Math.Max(0, fileLength - DataOffset);
        for (int i = 0; i < count; i++)
        {
            _tensors[i] = Place(_tensors[i], dataBytes);
        }
        CheckOverlaps();
    }

    private GgufTensor ReadTensor(int index)
    {
        string name = _reader.ReadString($"name of tensor {index}", MaxTensorNameBytes, strict: true);
        string field = $"tensor '{name}'";
        if (name.Length == 0)
        {
            throw _reader.Error($"name of tensor {index}", "", "a name");
        }
        uint dimensionCount = _reader.Read<uint>($"{field}, dimension count");
        if (dimensionCount is < 1 or > MaxDimensions)
        {
            throw _reader.Error($"{field}, dimension count", dimensionCount, $"1 to {MaxDimensions}");
        }
        ulong[] sizes = _reader.ReadArray<ulong>(dimensionCount, $"{field}, dimensions");
        GgmlType type = (GgmlType)_reader.Read<uint>($"{field}, type");
        if (!GgmlTypes.IsKnown(type))
        {
            throw _reader.Error($"{field}, type", (uint)type, "the id of a known tensor type");
        }
        ulong offset = _reader.Read<ulong>($"{field}, offset");
        return offset <= long.MaxValue
            ? new GgufTensor(name, type, CheckSizes(sizes, field), (long)offset, CheckedBytes(sizes, type, field))
            : throw _reader.Error($"{field}, offset", offset, "a position inside the file");
    }

    private long[] CheckSizes(ulong[] sizes, string field)
    {
        foreach (ulong size in sizes)
        {
            if (size is 0 or > long.MaxValue)
            {
                throw _reader.Error($"{field}, dimensions", string.Join('x', sizes), "sizes from 1 to 2^63 - 1");
            }
        }
        return Array.ConvertAll(sizes, size => (long)size);
    }

    private long CheckedBytes(ulong[] sizes, GgmlType type, string field)
    {
        Int128 elements = 1;
        foreach (ulong size in sizes)
        {
            elements *= size;
            if (elements > long.MaxValue)
            {
                throw _reader.Error($"{field}, dimensions", string.Join('x', sizes), "fewer than 2^63 elements");
            }
        }
        if (sizes[0] % (ulong)type.BlockElements() != 0)
        {
            throw _reader.Error($"{field}, row length", sizes[0], $"a multiple of {type.BlockElements()}, the block of {type}");
        }
        Int128 bytes = elements / type.BlockElements() * type.BlockBytes();
        return bytes <= long.MaxValue ? (long)bytes : throw _reader.Error($"{field}, bytes", bytes, "fewer than 2^63 bytes");
    }

    private GgufTensor Place(GgufTensor tensor, long dataBytes)
    {
        string field = $"tensor '{tensor.Name}', offset";
        if (tensor.Offset % Alignment != 0)
        {
            throw _reader.Error(field, tensor.Offset, $"a multiple of the alignment {Alignment}");
        }
        if (tensor.Offset > dataBytes || tensor.ByteLength > dataBytes - tensor.Offset)
        {
            throw _reader.Error(field, tensor.Offset, $"{tensor.ByteLength} bytes of data inside the file, whose data section has {dataBytes} (is it truncated?)");
        }
        return tensor with { Offset = DataOffset + tensor.Offset };
    }

    private void CheckOverlaps()
    {
        GgufTensor? last = null;
        foreach (GgufTensor tensor in _tensors.OrderBy(tensor => tensor.Offset))
        {
            if (last is not null && last.Offset + last.ByteLength > tensor.Offset)
            {
                throw _reader.Error(
                    $"tensor '{tensor.Name}', offset",
                    tensor.Offset - DataOffset,
                    $"at least {last.Offset - DataOffset + last.ByteLength}, where tensor '{last.Name}' ends (they overlap)");
            }
            last = tensor;
        }
    }
}
