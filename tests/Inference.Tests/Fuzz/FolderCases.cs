using System.Text;
using System.Text.Json.Nodes;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>Damaged Hugging Face folders: configuration, safetensors headers and data, index, tokeniser.</summary>
internal sealed class FolderCases : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _file;

    public FolderCases() => _file = ModelFile.Open(new TinyLlama { ModelSize = 32, FeedForwardSize = 32, Heads = 2, KvHeads = 1 }.Write(_folder));

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    /// <summary>Writes a folder whose configuration or weights are damaged and answers with its path.</summary>
    public string WriteWeights(Random random, TemporaryFolder folder)
    {
        HuggingFaceFolder model = new(_file, random.Next(1, 3));
        SafetensorsBuilder shard = model.Shards[random.Next(model.Shards.Count)];
        string[] names = [.. shard.Names];
        (string one, string other) = (names[random.Next(names.Length)], names[random.Next(names.Length)]);
        switch (random.Next(8))
        {
            case 0:
                FuzzJson.Damage(model.Config, random);
                break;
            case 5:
                shard.EditText = text => text.Replace($"\"{one}\"", $"\"{other}\"", StringComparison.Ordinal);
                break;
            case 6:
                shard.Edit = header => header[one]!["data_offsets"] = header[other]!["data_offsets"]!.DeepClone();
                break;
            case 7:
                model.WeightMap[one] = OddFiles[random.Next(OddFiles.Length)];
                break;
            case 1:
                shard.Edit = header => FuzzJson.Damage(header, random);
                break;
            case 2:
                shard.HeaderLength = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
                break;
            case 3:
                FuzzJson.Damage(model.WeightMap, random);
                break;
            default:
                model.Config[RopeKeys[random.Next(RopeKeys.Length)]] = Rope(random);
                break;
        }
        string path = model.Write(folder);
        if (random.Next(2) == 0)
        {
            DamageFile(path, "*", random);
        }
        return path;
    }

    /// <summary>Writes a folder whose tokeniser is damaged and answers with its path.</summary>
    public string WriteTokenizer(Random random, TemporaryFolder folder)
    {
        HuggingFaceFolder model = new(_file);
        FuzzJson.Damage(random.Next(4) == 0 ? model.TokenizerConfig : model.Tokenizer, random);
        string path = model.Write(folder);
        if (random.Next(3) == 0)
        {
            DamageFile(path, "tokenizer*.json", random);
        }
        return path;
    }

    private static string[] OddFiles { get; } = ["model.safetensors.index.json", "../model.safetensors", "/dev/zero", "", ".", "config.json", "model-00001-of-00002.safetensors", "none.safetensors"];

    private static string[] RopeKeys { get; } = ["rope_scaling", "rope_parameters"];

    private static JsonObject Rope(Random random)
    {
        JsonObject rope = new()
        {
            ["rope_type"] = new[] { "linear", "llama3", "yarn", "longrope", "dynamic", "default" }[random.Next(6)],
            ["factor"] = 8,
            ["low_freq_factor"] = 1,
            ["high_freq_factor"] = 4,
            ["original_max_position_embeddings"] = 32,
            ["long_factor"] = new JsonArray([.. Enumerable.Repeat(0, 8).Select(_ => (JsonNode)2)]),
            ["short_factor"] = new JsonArray([.. Enumerable.Repeat(0, 8).Select(_ => (JsonNode)1)]),
        };
        if (random.Next(2) == 0)
        {
            FuzzJson.Damage(rope, random);
        }
        return rope;
    }

    private static void DamageFile(string folder, string pattern, Random random)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)];
        string file = files[random.Next(files.Length)];
        switch (random.Next(8))
        {
            case 0:
                File.Delete(file);
                break;
            case 1:
                File.Copy(files[random.Next(files.Length)], file + ".copy");
                File.Move(file + ".copy", file, overwrite: true);
                break;
            case 2:
                int levels = random.Next(1, 20_000);
                File.WriteAllText(file, new StringBuilder().Insert(0, "[", levels).Append(']', random.Next(levels)).ToString());
                break;
            default:
                File.WriteAllBytes(file, FuzzBytes.Damage(File.ReadAllBytes(file), random));
                break;
        }
    }
}
