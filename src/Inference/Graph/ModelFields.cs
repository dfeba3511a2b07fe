using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>Range-checked access to the metadata under an architecture's prefix.</summary>
internal sealed class ModelFields(ModelFile file, string architecture)
{
    /// <summary>The file.</summary>
    public ModelFile File => file;

    /// <summary>The architecture.</summary>
    public string Architecture => architecture;

    /// <summary>The full key of a field.</summary>
    public string Key(string name) => $"{architecture}.{name}";

    /// <summary>Whether the file has a field.</summary>
    public bool Has(string name) => file.Metadata.Contains(Key(name));

    /// <summary>What to throw for a field that does not fit.</summary>
    public ModelFileException Wrong(string name, object found, string expected) => new(file.Path, $"metadata '{Key(name)}'", found, expected);

    /// <summary>A text.</summary>
    public string Text(string name) => file.Metadata.GetString(Key(name));

    /// <summary>An integer; files that give one per layer must give the same for all.</summary>
    public int Integer(string name, int least, int most)
    {
        uint value;
        if (IsArray(name))
        {
            IReadOnlyList<int> values = file.Metadata.GetInt32s(Key(name));
            value = values.Count > 0 && values.All(other => other == values[0] && other >= 0)
                ? (uint)values[0]
                : throw Wrong(name, $"[{string.Join(", ", values.Take(8))}]", "the same count for all layers");
        }
        else
        {
            value = file.Metadata.GetUInt32(Key(name));
        }
        return value >= (uint)least && value <= (uint)most ? (int)value : throw Wrong(name, value, $"{least} to {most}");
    }

    /// <summary>An integer that may be absent.</summary>
    public int Integer(string name, int absent, int least, int most) => Has(name) ? Integer(name, least, most) : absent;

    /// <summary>A number.</summary>
    public float Number(string name, float least, float most)
    {
        float found = file.Metadata.GetSingle(Key(name));
        return found >= least && found <= most ? found : throw Wrong(name, found, $"{least} to {most}");
    }

    /// <summary>A number that may be absent.</summary>
    public float Number(string name, float absent, float least, float most) => Has(name) ? Number(name, least, most) : absent;

    /// <summary>Whether a field is an array.</summary>
    public bool IsArray(string name) => file.Metadata.TryGet(Key(name), out GgufValue? value) && value.Value is Array;

    /// <summary>One flag per layer.</summary>
    public IReadOnlyList<bool> Flags(string name, int layers)
    {
        bool[] flags = file.Metadata.TryGet(Key(name), out GgufValue? value) && value.Value is bool[] found
            ? found
            : throw Wrong(name, value?.TypeName ?? "missing", "an array of bool");
        return flags.Length == layers ? flags : throw Wrong(name, $"{flags.Length} flags", $"{layers}, one per layer");
    }
}
