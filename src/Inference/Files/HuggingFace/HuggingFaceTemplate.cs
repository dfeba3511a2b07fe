using System.Text;
using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>Finds a folder's chat template: chat_template.jinja, or <c>chat_template</c> of tokenizer_config.json.</summary>
internal static class HuggingFaceTemplate
{
    private const string TemplateName = "chat_template.jinja";
    private const string ConfigName = "tokenizer_config.json";
    private const string Key = "chat_template";
    private const string DefaultName = "default";
    private const int MaxBytes = 1 << 20;

    /// <summary>The template among mapped files; null when there is none.</summary>
    /// <exception cref="ModelFileException">A file is not as it must be.</exception>
    public static string? Find(IReadOnlyList<ModelFilePart> files)
    {
        if (Named(files, TemplateName) is { } file)
        {
            return file.ByteLength <= MaxBytes
                ? Encoding.UTF8.GetString(file.Slice(0, (int)file.ByteLength))
                : throw new ModelFileException(file.Path, "size", file.ByteLength, $"at most {MaxBytes} bytes");
        }
        return Named(files, ConfigName) is { } config
            ? HuggingFaceJson.Guard(config.Path, () => FromConfig(config.Path, HuggingFaceJson.Parse(config)))
            : null;
    }

    // A text, or several with names, of which 'default' is for plain conversations.
    private static string? FromConfig(string path, JsonElement root)
    {
        if (!root.TryGetProperty(Key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                HuggingFaceConfig named = new(path, item.ValueKind == JsonValueKind.Object ? item : root, $"{Key}.");
                if (named.Text("name") == DefaultName)
                {
                    return named.Text("template");
                }
            }
            return null;
        }
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new ModelFileException(path, $"'{Key}'", value.ValueKind, "a text, or templates with names");
    }

    private static ModelFilePart? Named(IReadOnlyList<ModelFilePart> files, string name) => files.FirstOrDefault(file => Path.GetFileName(file.Path) == name);
}
