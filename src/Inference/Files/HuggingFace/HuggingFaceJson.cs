using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>Parses the JSON files of a folder; what is not JSON becomes a <see cref="ModelFileException"/>.</summary>
internal static class HuggingFaceJson
{
    private const int MaxBytes = 2 << 20;

    // Each takes 12 bytes of memory. The largest tokenizer.json has 2.7 million.
    private const int MaxValues = 4 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Parses a file into an element that does not depend on it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxBytes">The largest size allowed.</param>
    /// <exception cref="ModelFileException">It is too large, not well-formed, not an object, or has a name twice.</exception>
    public static JsonElement Parse(ModelFilePart file, int maxBytes = MaxBytes)
    {
        if (file.ByteLength > maxBytes)
        {
            throw new ModelFileException(file.Path, "size", file.ByteLength, $"at most {maxBytes} bytes");
        }
        return Guard(file.Path, () =>
        {
            ReadOnlySpan<byte> text = file.Slice(0, (int)file.ByteLength);
            RequireFewValues(file.Path, text);
            JsonElement root = JsonElement.Parse(text, Strict);
            return root.ValueKind == JsonValueKind.Object
                ? root
                : throw new ModelFileException(file.Path, "JSON", root.ValueKind, "an object");
        });
    }

    /// <summary>Runs code that reads JSON. The readers report malformed text and invalid UTF-8 by several exceptions.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception inner) when (inner is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFileException(path, "JSON", inner.Message.TrimEnd('.'), "well-formed JSON in UTF-8, every name once", inner);
        }
    }

    private static void RequireFewValues(string path, ReadOnlySpan<byte> text)
    {
        Utf8JsonReader json = new(text);
        for (int values = 0; json.Read(); values++)
        {
            if (values == MaxValues)
            {
                throw new ModelFileException(path, "JSON values", $"more than {MaxValues}", $"at most {MaxValues}");
            }
        }
    }
}
