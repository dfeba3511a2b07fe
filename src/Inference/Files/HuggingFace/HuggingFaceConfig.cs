using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>Checked access to an object of a folder's JSON files. A value that is null counts as absent.</summary>
internal sealed class HuggingFaceConfig(string path, JsonElement element, string prefix = "")
{
    /// <summary>The file, for errors.</summary>
    public string Path => path;

    /// <summary>Whether a value is there.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>An object inside of this one; null when it is absent.</summary>
    public HuggingFaceConfig? Section(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Object
            ? new HuggingFaceConfig(path, value, $"{prefix}{name}.")
            : throw Wrong(name, value, "an object");
    }

    /// <summary>The objects of an array inside of this one; null when it is absent.</summary>
    public IReadOnlyList<HuggingFaceConfig>? Sections(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. value.EnumerateArray().Select((item, i) => new HuggingFaceConfig(path, item, $"{prefix}{name}[{i}]."))]
            : throw Wrong(name, value.ValueKind, "an array of objects");
    }

    /// <summary>A value of any kind; undefined when it is absent.</summary>
    public JsonElement Value(string name) => TryGet(name, out JsonElement value) ? value : default;

    /// <summary>An integer from <paramref name="least"/> to 2^31 - 1.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="absent">Stands for a value that is not there; without one it must be there.</param>
    /// <param name="least">Smallest value allowed.</param>
    public uint Integer(string name, uint? absent = null, uint least = 1)
    {
        string expected = $"an integer from {least} to {int.MaxValue}";
        if (!TryGet(name, out JsonElement value))
        {
            return absent ?? throw Wrong(name, "missing", expected);
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least
            ? (uint)number
            : throw Wrong(name, value, expected);
    }

    /// <summary>A finite number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="absent">Stands for a value that is not there; without one it must be there.</param>
    /// <param name="least">Smallest value allowed.</param>
    /// <param name="most">Largest value allowed.</param>
    public double Number(string name, double? absent = null, double least = 0, double most = 1e30)
    {
        string expected = FormattableString.Invariant($"a number from {least} to {most}");
        if (!TryGet(name, out JsonElement value))
        {
            return absent ?? throw Wrong(name, "missing", expected);
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value, expected);
    }

    /// <summary>Numbers from 1e-3 to 1e9.</summary>
    public float[] Numbers(string name, int count)
    {
        string expected = $"{count} numbers from 1e-3 to 1e9";
        if (!TryGet(name, out JsonElement value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != count)
        {
            throw Wrong(name, value.ValueKind == JsonValueKind.Array ? $"{value.GetArrayLength()} elements" : value.ValueKind, expected);
        }
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = value[i].ValueKind == JsonValueKind.Number && value[i].TryGetSingle(out float number) && number is >= 1e-3f and <= 1e9f
                ? number
                : throw Wrong($"{name}[{i}]", value[i], "a number from 1e-3 to 1e9");
        }
        return numbers;
    }

    /// <summary>A text; null when it is absent.</summary>
    public string? Text(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, value, "a text");
    }

    /// <summary>Texts; null when they are absent.</summary>
    public string[]? Texts(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Wrong(name, value, "an array of texts");
    }

    /// <summary>A truth value; null when it is absent.</summary>
    public bool? Bool(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false");
    }

    /// <summary>Refuses a value other than the one that the graph computes with.</summary>
    public void Require(string name, string only)
    {
        if (Text(name) is { } found && found != only)
        {
            throw Wrong(name, found, only);
        }
    }

    /// <summary>The exception for a value of this object.</summary>
    public ModelFileException Wrong(string name, object found, string expected) => new(path, $"'{prefix}{name}'", found, expected);

    private bool TryGet(string name, out JsonElement value) => element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
