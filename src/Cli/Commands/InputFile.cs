using System.Text;
using System.Text.Json;

namespace Winnow.Cli.Commands;

/// <summary>Files that flags name, read with errors that name the flag.</summary>
internal static class InputFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file, byte for byte: a byte order mark and line ends stay.</summary>
    /// <exception cref="CliException">It is missing or not UTF-8.</exception>
    public static string ReadText(string flag, string path)
    {
        if (!File.Exists(path))
        {
            throw new CliException($"{flag} '{path}' does not exist; give the path of a UTF-8 text file.");
        }
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new CliException($"{flag} '{path}' is not UTF-8 at byte {error.Index}; save it as UTF-8.", inner: error);
        }
    }

    /// <summary>The JSON array that a file holds.</summary>
    /// <param name="flag">The flag that names the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="items">What it is an array of, for errors.</param>
    /// <exception cref="CliException">It is missing, not JSON, or not an array of objects.</exception>
    public static JsonElement ReadArray(string flag, string path, string items)
    {
        JsonElement root = ReadJson(flag, path);
        if (root.ValueKind != JsonValueKind.Array)
        {
            throw new CliException($"{flag} '{path}' holds '{root.ValueKind}'; write a JSON array of {items}.");
        }
        int index = 0;
        foreach (JsonElement item in root.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw new CliException($"{flag} '{path}' has '{item.ValueKind}' as element {index}; write a JSON array of {items}.");
            }
            index++;
        }
        return root;
    }

    private static JsonElement ReadJson(string flag, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(ReadText(flag, path).TrimStart('\uFEFF'));
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new CliException($"{flag} '{path}' is not valid JSON: {error.Message}", inner: error);
        }
    }
}
