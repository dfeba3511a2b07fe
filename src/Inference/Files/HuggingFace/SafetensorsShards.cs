using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>
/// Finds the weights of a folder: <c>model.safetensors</c>, or the files that <c>model.safetensors.index.json</c> names in
/// <c>weight_map</c>, each tensor in exactly the file that the index says.
/// </summary>
internal static class SafetensorsShards
{
    /// <summary>The file of weights that are not cut.</summary>
    public const string SingleName = "model.safetensors";

    private const string IndexName = "model.safetensors.index.json";
    private const string Extension = ".safetensors";
    private const int MaxIndexBytes = 64 << 20;
    private const int MaxTensors = 1 << 16;
    private const int MaxFiles = 999;

    /// <summary>Maps the files into <paramref name="parts"/> and reads their headers.</summary>
    /// <returns>Every tensor with the index of its part.</returns>
    /// <exception cref="ModelFileException">A file is missing or wrong, or the index and the files do not agree.</exception>
    public static List<(SafetensorsEntry Entry, int Part)> Read(string folder, List<ModelFilePart> parts, IModelSource? source)
    {
        List<(SafetensorsEntry, int)> tensors = [];
        if (File.Exists(Path.Combine(folder, SingleName)))
        {
            ReadFile(Path.Combine(folder, SingleName), parts, tensors, source);
            return tensors;
        }
        string indexPath = Path.Combine(folder, IndexName);
        if (!File.Exists(indexPath))
        {
            throw new ModelFileException(folder, "weights", "missing", $"{SingleName} or {IndexName} in the folder (other kinds of weights are not read)");
        }
        ModelFilePart index = ModelFilePart.Map(indexPath, "an index of safetensors files", source);
        parts.Add(index);
        Dictionary<string, string> fileOf = ReadIndex(index);
        foreach (string name in fileOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            int from = tensors.Count;
            string path = Path.Combine(folder, name);
            ReadFile(path, parts, tensors, source);
            foreach ((SafetensorsEntry entry, _) in tensors.Skip(from))
            {
                if (!fileOf.Remove(entry.Name, out string? expected) || expected != name)
                {
                    throw new ModelFileException(path, $"tensor '{entry.Name}'", "in this file", $"it in {expected ?? "no file, or in an earlier one"} as '{IndexName}' says");
                }
            }
        }
        return fileOf.Count == 0
            ? tensors
            : throw new ModelFileException(Path.Combine(folder, fileOf.First().Value), $"tensor '{fileOf.First().Key}'", "missing", $"it in this file as '{IndexName}' says");
    }

    private static void ReadFile(string path, List<ModelFilePart> parts, List<(SafetensorsEntry, int)> tensors, IModelSource? source)
    {
        ModelFilePart part = ModelFilePart.Map(path, "a safetensors file", source);
        parts.Add(part);
        tensors.AddRange(SafetensorsHeader.Read(part).Select(entry => (entry, parts.Count - 1)));
    }

    private static Dictionary<string, string> ReadIndex(ModelFilePart index)
    {
        if (index.ByteLength > MaxIndexBytes)
        {
            throw new ModelFileException(index.Path, "size", index.ByteLength, $"at most {MaxIndexBytes} bytes");
        }
        Dictionary<string, string>? map = HuggingFaceJson.Guard(index.Path, () => FindMap(index));
        if (map is null || map.Count == 0)
        {
            throw new ModelFileException(index.Path, "'weight_map'", map is null ? "missing" : "empty", "an object of tensor names and files");
        }
        int files = map.Values.Distinct(StringComparer.Ordinal).Count();
        return files <= MaxFiles ? map : throw new ModelFileException(index.Path, "'weight_map', files", files, $"at most {MaxFiles}");
    }

    private static Dictionary<string, string>? FindMap(ModelFilePart index)
    {
        Dictionary<string, string>? map = null;
        Utf8JsonReader json = new(index.Slice(0, (int)index.ByteLength));
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFileException(index.Path, "JSON", json.TokenType, "an object");
        }
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isMap = json.ValueTextEquals("weight_map");
            json.Read();
            if (isMap)
            {
                map = ReadMap(index.Path, ref json);
            }
            else
            {
                json.Skip();
            }
        }
        json.Read();
        return map;
    }

    private static Dictionary<string, string> ReadMap(string path, ref Utf8JsonReader json)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        HashSet<string> files = new(StringComparer.Ordinal);
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFileException(path, "'weight_map'", json.TokenType, "an object of tensor names and files");
        }
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            string? file = json.TokenType == JsonTokenType.String ? json.GetString() : null;
            if (file is null || !file.EndsWith(Extension, StringComparison.Ordinal) || Path.GetFileName(file) != file || file.Contains('\0'))
            {
                throw new ModelFileException(path, $"file of tensor '{name}'", file ?? json.TokenType.ToString(), $"the name of a {Extension} file in the same folder");
            }
            // Names of files repeat thousands of times; keep one of each.
            file = files.TryGetValue(file, out string? known) ? known : file;
            files.Add(file);
            if (map.Count == MaxTensors || !map.TryAdd(name, file))
            {
                throw new ModelFileException(path, "'weight_map', tensor name", name, $"every name once, and at most {MaxTensors}");
            }
        }
        return map;
    }
}
