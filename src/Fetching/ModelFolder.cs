using System.Net;
using System.Text.Json;

namespace Winnow.Fetching;

/// <summary>Which files a Hugging Face folder on a server has: those of known names, and the weights that its index names.</summary>
internal static class ModelFolder
{
    /// <summary>What the names of weight files end in.</summary>
    public const string WeightsExtension = ".safetensors";

    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const string MapName = "weight_map";
    private const int MaxIndexBytes = 64 << 20;
    private const int MaxFiles = 999;
    private static readonly string[] Optional = ["tokenizer_config.json", "generation_config.json", "chat_template.jinja", "special_tokens_map.json"];
    private static readonly string[] Required = ["config.json", "tokenizer.json"];

    /// <summary>Finds the files.</summary>
    /// <param name="location">The folder.</param>
    /// <param name="find">Asks for a file by its name.</param>
    /// <param name="readIndex">Reads the index, given the most bytes it may have.</param>
    /// <exception cref="ModelFetchException">A file that must be there is not, or the index is not one.</exception>
    public static async Task<List<(string Name, MirroredFile File)>> FindAsync(
        ModelLocation location, Func<string, Task<MirroredFile>> find, Func<string, int, Task<byte[]?>> readIndex)
    {
        List<(string, MirroredFile)> files = [];
        foreach (string name in Required)
        {
            files.Add((name, await find(name)));
        }
        foreach (string name in Optional)
        {
            if (await FindOptionalAsync(name, find) is { } file)
            {
                files.Add((name, file));
            }
        }
        if (await FindOptionalAsync(SingleName, find) is { } single)
        {
            files.Add((SingleName, single));
            return files;
        }
        files.Add((IndexName, await find(IndexName)));
        foreach (string name in NamesOf(location, await readIndex(IndexName, MaxIndexBytes) ?? []))
        {
            files.Add((name, await find(name)));
        }
        return files;
    }

    private static async Task<MirroredFile?> FindOptionalAsync(string name, Func<string, Task<MirroredFile>> find)
    {
        try
        {
            return await find(name);
        }
        catch (ModelFetchException missing) when (missing.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return null;
        }
    }

    private static string[] NamesOf(ModelLocation location, byte[] index)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(index);
            string[] names = [.. json.RootElement.GetProperty(MapName).EnumerateObject().Select(entry => entry.Value.GetString() ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            if (names.Length is > 0 and <= MaxFiles && names.All(name => ModelLocation.IsPlain(name) && name.EndsWith(WeightsExtension, StringComparison.Ordinal)))
            {
                return names;
            }
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Wrong(location, wrong);
        }
        throw Wrong(location, null);
    }

    private static ModelFetchException Wrong(ModelLocation location, Exception? inner) =>
        new(location.Display, $"'{IndexName}' has no '{MapName}' of 1 to {MaxFiles} {WeightsExtension} files in the same folder", "give a folder in Hugging Face's form", inner);
}
