using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>Parses the JSON files of a folder; what is not JSON becomes a <see cref="ModelFileException"/>.</summary>
internal static class HuggingFaceJson
{
    private const int MaxBytes = 8 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Parses a file into a document that does not depend on it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxBytes">Its largest size.</param>
    /// <exception cref="ModelFileException">It is too large, not well-formed, not an object, or has a name twice.</exception>
    public static JsonElement Parse(ModelFilePart file, int maxBytes = MaxBytes)
    {
        if (file.ByteLength > maxBytes)
        {
            throw new ModelFileException(file.Path, "size", file.ByteLength, $"at most {maxBytes} bytes");
        }
        return Guard(file.Path, () =>
        {
            using JsonDocument document = JsonDocument.Parse(file.Slice(0, (int)file.ByteLength).ToArray(), Strict);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? root.Clone()
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
}
