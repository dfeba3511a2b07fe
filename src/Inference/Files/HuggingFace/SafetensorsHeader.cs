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
    private const int MaxTensors = 1 << 17;
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
        Expect(file, ref json, JsonTokenType.StartObject, "header");
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
        string field = $"tensor '{name}'";
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(file, ref json, JsonTokenType.StartObject, field);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "dtype":
                    Expect(file, ref json, JsonTokenType.String, $"{field}, dtype");
                    type = json.GetString();
                    break;
                case "shape":
                    shape = ReadIntegers(file, ref json, $"{field}, shape", MaxDimensions);
                    break;
                case "data_offsets":
                    offsets = ReadIntegers(file, ref json, $"{field}, data_offsets", 2);
                    break;
                default:
                    json.Read();
                    json.Skip();
                    break;
            }
        }
        if (type is null || shape is null || offsets is null)
        {
            throw new ModelFileException(file.Path, field, "incomplete", "dtype, shape and data_offsets");
        }
        return Check(file, field, new SafetensorsEntry(name, type, [.. shape], 0, 0), offsets);
    }

    private static List<long> ReadIntegers(ModelFilePart file, ref Utf8JsonReader json, string field, int most)
    {
        List<long> values = [];
        Expect(file, ref json, JsonTokenType.StartArray, field);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long value) || value < 0)
            {
                throw new ModelFileException(file.Path, field, json.TokenType, "integers from 0 to 2^63 - 1");
            }
            values.Add(values.Count < most ? value : throw new ModelFileException(file.Path, field, $"more than {most} elements", $"at most {most}"));
        }
        return values;
    }

    private static SafetensorsEntry Check(ModelFilePart file, string field, SafetensorsEntry entry, List<long> offsets)
    {
        if (!TypeBytes.TryGetValue(entry.Type, out int typeBytes))
        {
            throw new ModelFileException(file.Path, $"{field}, dtype", entry.Type, $"one of {string.Join(", ", TypeBytes.Keys.Order(StringComparer.Ordinal))}");
        }
        Int128 bytes = typeBytes;
        foreach (long size in entry.Shape)
        {
            bytes *= size;
            if (bytes > long.MaxValue)
            {
                throw new ModelFileException(file.Path, $"{field}, shape", string.Join('x', entry.Shape), "fewer than 2^63 bytes");
            }
        }
        long dataBytes = file.ByteLength - file.DataOffset;
        if (offsets.Count != 2 || offsets[1] > dataBytes || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
        {
            throw new ModelFileException(file.Path, $"{field}, data_offsets", string.Join(" to ", offsets), $"{bytes} bytes inside the {dataBytes} of the file's data (is it truncated?)");
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
                throw new ModelFileException(file.Path, $"tensor '{entry.Name}', data_offsets", entry.Offset - file.DataOffset,
                    $"{end - file.DataOffset}, where the data before it ends (tensors leave no gap and do not overlap)");
            }
            end += entry.ByteLength;
        }
        if (end != file.ByteLength)
        {
            throw new ModelFileException(file.Path, "size", $"{file.ByteLength} bytes", $"{end}, where the last tensor ends");
        }
    }

    private static void Expect(ModelFilePart file, ref Utf8JsonReader json, JsonTokenType type, string field)
    {
        json.Read();
        if (json.TokenType != type)
        {
            throw new ModelFileException(file.Path, field, json.TokenType, type.ToString());
        }
    }
}
