using System.Runtime.InteropServices;
using Winnow.Inference.Files;

namespace Winnow.Inference.Drafting.Stopping;

/// <summary>Reads a stop head's file, of which nothing is believed before it is checked.</summary>
internal sealed class StopHeadFile
{
    private readonly ModelFile _file;
    private readonly string _architecture;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Takes a file of an architecture.</summary>
    /// <exception cref="ModelFileException">It is of another.</exception>
    public StopHeadFile(ModelFile file, string architecture)
    {
        _file = file;
        _architecture = architecture;
        string found = file.Metadata.GetString("general.architecture");
        Check(found == architecture, "'general.architecture'", found, $"'{architecture}', a network that says when a draft model is to stop");
    }

    /// <summary>A number of the file's keys.</summary>
    public int Size(string key, int least, int most)
    {
        int value = _file.Metadata.GetInt32($"{_architecture}.{key}");
        Check(value >= least && value <= most, $"'{_architecture}.{key}'", value, $"{least} to {most}");
        return value;
    }

    /// <summary>A number that must be the draft model's.</summary>
    public void Require(string key, int expected, string what)
    {
        int value = _file.Metadata.GetInt32($"{_architecture}.{key}");
        Check(value == expected, $"'{_architecture}.{key}'", value, $"{expected}, {what}; train a stop head for it, or give none");
    }

    /// <summary>The draft model must be one that the head was made for.</summary>
    public void RequireHash(ModelFile draft)
    {
        IReadOnlyList<string> hashes = _file.Metadata.GetStrings($"{_architecture}.draft_hashes");
        Check(hashes.Contains(draft.ContentHash), $"'{_architecture}.draft_hashes'", string.Join(", ", hashes.Take(4)),
            $"'{draft.ContentHash}', the content hash of the draft model '{draft.Path}'; train a stop head for it, or give none");
    }

    /// <summary>What is added to the mean in the norm.</summary>
    public float Epsilon()
    {
        string key = $"{_architecture}.layer_norm_rms_epsilon";
        float value = _file.Metadata.TryGetSingle(key, out float given) ? given : 1e-5f;
        Check(value is > 0 and < 1, $"'{key}'", value, "above 0 and below 1");
        return value;
    }

    /// <summary>A tensor's values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="columns">Length of its rows.</param>
    /// <param name="rows">How many; 0 for a vector.</param>
    public float[] Tensor(string name, int columns, int rows = 0)
    {
        GgufTensor tensor = _file.GetTensor(name);
        long[] shape = rows == 0 ? [columns] : [columns, rows];
        Check(tensor.Dimensions.SequenceEqual(shape), $"tensor '{name}', shape", string.Join(" x ", tensor.Dimensions), $"{string.Join(" x ", shape)} for this head and draft model");
        Check(tensor.Type is GgmlType.F32 or GgmlType.F16, $"tensor '{name}', type", tensor.Type, "F32 or F16");
        _read.Add(name);
        ReadOnlySpan<byte> data = _file.GetData(tensor);
        float[] values = tensor.Type == GgmlType.F32 ? MemoryMarshal.Cast<byte, float>(data).ToArray() : Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(data).ToArray(), half => (float)half);
        Check(Array.TrueForAll(values, float.IsFinite), $"tensor '{name}'", "a value that is no number", "finite values");
        return values;
    }

    /// <summary>Nothing but what was read may be in the file.</summary>
    public void RefuseOthers()
    {
        foreach (GgufTensor tensor in _file.Tensors)
        {
            Check(_read.Contains(tensor.Name), $"tensor '{tensor.Name}'", "not part of a stop head", string.Join(", ", _read.Select(name => $"'{name}'")));
        }
    }

    private void Check(bool holds, string what, object found, string expected)
    {
        if (!holds)
        {
            throw new ModelFileException(_file.Path, what, found, expected);
        }
    }
}
