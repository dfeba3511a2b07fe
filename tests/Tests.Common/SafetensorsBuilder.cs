using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Winnow.Tests.Common;

/// <summary>Writes small safetensors files for tests, correct by default and wrong on request.</summary>
public sealed class SafetensorsBuilder
{
    private readonly List<(string Name, string Type, long[] Shape, byte[] Data)> _tensors = [];

    /// <summary>Changes the header before it is written.</summary>
    public Action<JsonObject> Edit { get; set; } = static _ => { };

    /// <summary>Changes the header's text before it is written.</summary>
    public Func<string, string> EditText { get; set; } = static text => text;

    /// <summary>The header's length as written; null for the true one.</summary>
    public ulong? HeaderLength { get; set; }

    /// <summary>Names of the tensors.</summary>
    public IEnumerable<string> Names => _tensors.Select(tensor => tensor.Name);

    /// <summary>Adds a tensor; <paramref name="shape"/> ends with the row length.</summary>
    public SafetensorsBuilder Tensor(string name, string type, long[] shape, byte[] data)
    {
        _tensors.Add((name, type, shape, data));
        return this;
    }

    /// <summary>Adds an F32 tensor.</summary>
    public SafetensorsBuilder Tensor(string name, long[] shape, params float[] values)
    {
        byte[] data = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, data, 0, data.Length);
        return Tensor(name, "F32", shape, data);
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes()
    {
        JsonObject header = [];
        header["__metadata__"] = new JsonObject { ["format"] = "pt" };
        long offset = 0;
        foreach ((string name, string type, long[] shape, byte[] data) in _tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, offset + data.Length),
            };
            offset += data.Length;
        }
        Edit(header);
        byte[] text = Encoding.UTF8.GetBytes(EditText(header.ToJsonString()));
        int padded = (text.Length + 7) & ~7;
        MemoryStream file = new();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, HeaderLength ?? (ulong)padded);
        file.Write(length);
        file.Write(text);
        file.Write(Enumerable.Repeat((byte)' ', padded - text.Length).ToArray());
        _tensors.ForEach(tensor => file.Write(tensor.Data));
        return file.ToArray();
    }
}
