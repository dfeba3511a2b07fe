using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>
/// Reads and checks the header of a safetensors file: 8 bytes of length, a JSON object of tensors with <c>dtype</c>, <c>shape</c> and
/// <c>data_offsets</c>, then the data, which the tensors cover without gap or overlap. Format: the README of huggingface/safetensors.
/// </summary>
internal static class SafetensorsHeader
{
    private const int LengthBytes = sizeof(ulong);
    private const int MaxHeaderBytes = 100_000_000;
    private const int MaxTensors = 1 << 16;
    private const int MaxDimensions = 8;
    private const int MaxNameBytes = 1_024;
    private const string MetadataName = "__metadata__";

    private static readonly FrozenDictionary<string, int> TypeBytes = new Dictionary<string, int>
    {
        ["BOOL"] = 1,
        ["U8"] = 1,
        ["I8"] = 1,
        ["F8_E5M2"] = 1,
        ["F8_E4M3"] = 1,
        ["I16"] = 2,
        ["U16"] = 2,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I32"] = 4,
        ["U32"] = 4,
        ["F32"] = 4,
        ["I64"] = 8,
        ["U64"] = 8,
        ["F64"] = 8,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads the tensors of a mapped file, in the order of their data, and tells the file where its data begins.</summary>
    /// <exception cref="ModelFileException">Anything is not as the format says.</exception>
    public static List<SafetensorsEntry> Read(ModelFilePart file)
    {
        if (file.ByteLength < LengthBytes)
        {
            throw new ModelFileException(file.Path, "size", $"{file.ByteLength} bytes", "a safetensors file");
        }
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, LengthBytes));
        ulong most = (ulong)Math.Min(MaxHeaderBytes, file.ByteLength - LengthBytes);
        if (length > most)
        {
            throw new ModelFileException(file.Path, "header length", length, $"at most {most}");
        }
        file.DataOffset = LengthBytes + (long)length;
        List<SafetensorsEntry> entries = HuggingFaceJson.Guard(file.Path, () => ReadEntries(file, (int)length));
        entries.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        CheckCover(file, entries);
        return entries;
    }

    private static List<SafetensorsEntry> ReadEntries(ModelFilePart file, int length)
    {
        List<SafetensorsEntry> entries = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        Utf8JsonReader json = new(file.Slice(LengthBytes, length));
        Expect(file, ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueSpan.Length > MaxNameBytes || entries.Count == MaxTensors)
            {
                throw new ModelFileException(file.Path, "header", $"{entries.Count} tensors and a name of {json.ValueSpan.Length} bytes", $"at most {MaxTensors} and {MaxNameBytes}");
            }
            string name = json.GetString()!;
            if (!names.Add(name))
            {
                throw new ModelFileException(file.Path, "tensor name", name, "every name once, and this one is there twice");
            }
            if (name == MetadataName)
            {
                json.Read();
                json.Skip();
            }
            else
            {
                entries.Add(ReadEntry(file, ref json, name));
            }
        }
        json.Read();
        return entries;
    }

    private static SafetensorsEntry ReadEntry(ModelFilePart file, ref Utf8JsonReader json, string name)
    {
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(file, ref json, JsonTokenType.StartObject, name);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("dtype"u8))
            {
                Expect(file, ref json, JsonTokenType.String, name, "dtype");
                type = json.GetString();
            }
            else if (json.ValueTextEquals("shape"u8))
            {
                shape = ReadIntegers(file, ref json, MaxDimensions, name, "shape");
            }
            else if (json.ValueTextEquals("data_offsets"u8))
            {
                offsets = ReadIntegers(file, ref json, 2, name, "data_offsets");
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }
        return type is not null && shape is not null && offsets is not null
            ? Check(file, new SafetensorsEntry(name, type, shape, 0, 0), offsets)
            : throw Wrong(file, name, null, "incomplete", "dtype, shape and data_offsets");
    }

    private static long[] ReadIntegers(ModelFilePart file, ref Utf8JsonReader json, int most, string name, string part)
    {
        Span<long> values = stackalloc long[most];
        int count = 0;
        Expect(file, ref json, JsonTokenType.StartArray, name, part);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long value) || value < 0)
            {
                throw Wrong(file, name, part, json.TokenType, "integers from 0 to 2^63 - 1");
            }
            if (count == most)
            {
                throw Wrong(file, name, part, $"more than {most} elements", $"at most {most}");
            }
            values[count++] = value;
        }
        return values[..count].ToArray();
    }

    private static SafetensorsEntry Check(ModelFilePart file, SafetensorsEntry entry, long[] offsets)
    {
        if (!TypeBytes.TryGetValue(entry.Type, out int typeBytes))
        {
            throw Wrong(file, entry.Name, "dtype", entry.Type, $"one of {string.Join(", ", TypeBytes.Keys.Order(StringComparer.Ordinal))}");
        }
        Int128 bytes = typeBytes;
        foreach (long size in entry.Shape)
        {
            bytes *= size;
            if (bytes > long.MaxValue)
            {
                throw Wrong(file, entry.Name, "shape", string.Join('x', entry.Shape), "fewer than 2^63 bytes");
            }
        }
        long dataBytes = file.ByteLength - file.DataOffset;
        if (offsets.Length != 2 || offsets[1] > dataBytes || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
        {
            throw Wrong(file, entry.Name, "data_offsets", string.Join(" to ", offsets), $"{bytes} bytes inside the {dataBytes} of the file's data (is it truncated?)");
        }
        return entry with { Offset = file.DataOffset + offsets[0], ByteLength = (long)bytes };
    }

    private static void CheckCover(ModelFilePart file, List<SafetensorsEntry> entries)
    {
        long end = file.DataOffset;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Offset != end)
            {
                throw Wrong(file, entry.Name, "data_offsets", entry.Offset - file.DataOffset,
                    $"{end - file.DataOffset}, where the data before it ends (tensors leave no gap and do not overlap)");
            }
            end += entry.ByteLength;
        }
        if (end != file.ByteLength)
        {
            throw new ModelFileException(file.Path, "size", $"{file.ByteLength} bytes", $"{end}, where the last tensor ends");
        }
    }

    private static void Expect(ModelFilePart file, ref Utf8JsonReader json, JsonTokenType type, string? tensor = null, string? part = null)
    {
        json.Read();
        if (json.TokenType != type)
        {
            throw Wrong(file, tensor, part, json.TokenType, type.ToString());
        }
    }

    private static ModelFileException Wrong(ModelFilePart file, string? tensor, string? part, object found, string expected) =>
        new(file.Path, tensor is null ? "header" : part is null ? $"tensor '{tensor}'" : $"tensor '{tensor}', {part}", found, expected);
}
