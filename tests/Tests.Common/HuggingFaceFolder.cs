using System.Text.Json.Nodes;
using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>Writes a GGUF model (F32, F16 or BF16) as the Hugging Face folder that it could come from; undoes what llama.cpp's converter does.</summary>
public sealed class HuggingFaceFolder
{
    private readonly HuggingFaceNames _names;

    /// <summary>The configuration, to change before it is written.</summary>
    public JsonObject Config { get; } = [];

    /// <summary>The tokeniser, to change before it is written.</summary>
    public JsonObject Tokenizer { get; } = [];

    /// <summary>tokenizer_config.json, to change before it is written.</summary>
    public JsonObject TokenizerConfig { get; } = [];

    /// <summary>The files of weights: one, or several with an index.</summary>
    public IReadOnlyList<SafetensorsBuilder> Shards { get; }

    /// <summary>The index of several files, to change before it is written.</summary>
    public JsonObject WeightMap { get; } = [];

    /// <summary>Takes over a model.</summary>
    /// <param name="file">GGUF model.</param>
    /// <param name="shards">Files of weights.</param>
    public HuggingFaceFolder(ModelFile file, int shards = 1)
    {
        _names = new HuggingFaceNames(file);
        HuggingFaceConfiguration.Write(file, _names.Family, Config);
        SetTokenizer(file.Metadata);
        Shards = [.. Enumerable.Range(0, shards).Select(_ => new SafetensorsBuilder())];
        foreach (GgufTensor tensor in file.Tensors.Where(tensor => !tensor.Name.StartsWith("rope_f", StringComparison.Ordinal)))
        {
            Add(tensor, _names.Restore(tensor, file.GetData(tensor).ToArray()));
        }
    }

    /// <summary>Writes the files and answers with the folder's path.</summary>
    public string Write(TemporaryFolder folder, string name = "model")
    {
        Directory.CreateDirectory(folder.File(name));
        File.WriteAllText(Path.Combine(folder.File(name), "config.json"), Config.ToJsonString());
        File.WriteAllText(Path.Combine(folder.File(name), "tokenizer.json"), Tokenizer.ToJsonString());
        File.WriteAllText(Path.Combine(folder.File(name), "tokenizer_config.json"), TokenizerConfig.ToJsonString());
        for (int i = 0; i < Shards.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(folder.File(name), NameOf(i)), Shards[i].ToBytes());
        }
        if (Shards.Count > 1)
        {
            JsonObject index = new() { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = WeightMap.DeepClone() };
            File.WriteAllText(Path.Combine(folder.File(name), "model.safetensors.index.json"), index.ToJsonString());
        }
        return folder.File(name);
    }

    // Stacked experts become one tensor each.
    private void Add(GgufTensor tensor, byte[] data)
    {
        if (tensor.Dimensions.Count < 3)
        {
            Add(_names.Of(tensor.Name), tensor, [.. tensor.Dimensions.Reverse()], data);
            return;
        }
        int bytes = data.Length / (int)tensor.Dimensions[2];
        for (int expert = 0; expert < tensor.Dimensions[2]; expert++)
        {
            Add(_names.OfExpert(tensor.Name, expert), tensor, [tensor.Dimensions[1], tensor.Dimensions[0]], data[(expert * bytes)..((expert + 1) * bytes)]);
        }
    }

    private void Add(string name, GgufTensor tensor, long[] shape, byte[] data)
    {
        int shard = WeightMap.Count % Shards.Count;
        Shards[shard].Tensor(name, tensor.Type.ToString(), shape, data);
        WeightMap[name] = NameOf(shard);
    }

    private string NameOf(int shard) => Shards.Count == 1 ? "model.safetensors" : $"model-{shard + 1:D5}-of-{Shards.Count:D5}.safetensors";

    // A byte-level BPE tokeniser with the file's token ids and merges; of other kinds nothing is written.
    private void SetTokenizer(GgufMetadata metadata)
    {
        if (!metadata.Contains("tokenizer.ggml.merges"))
        {
            return;
        }
        IReadOnlyList<string> tokens = metadata.GetStrings("tokenizer.ggml.tokens");
        IReadOnlyList<int> types = metadata.GetInt32s("tokenizer.ggml.token_type");
        JsonObject vocabulary = [];
        JsonArray added = [];
        for (int id = 0; id < tokens.Count; id++)
        {
            if (types[id] == 3)
            {
                added.Add(new JsonObject
                {
                    ["id"] = id,
                    ["content"] = tokens[id],
                    ["special"] = true,
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                });
            }
            else
            {
                vocabulary[tokens[id]] = id;
            }
        }
        Tokenizer["version"] = "1.0";
        Tokenizer["added_tokens"] = added;
        Tokenizer["normalizer"] = null;
        Tokenizer["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };
        Tokenizer["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };
        Tokenizer["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["vocab"] = vocabulary,
            ["merges"] = new JsonArray([.. metadata.GetStrings("tokenizer.ggml.merges").Select(merge => (JsonNode)merge)]),
        };
        SetRole(metadata, tokens, "bos");
        SetRole(metadata, tokens, "eos");
        if (metadata.TryGetBool("tokenizer.ggml.add_bos_token", out bool addsBegin) && addsBegin)
        {
            string begin = TokenizerConfig["bos_token"]!.GetValue<string>();
            Tokenizer["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Piece("SpecialToken", begin), Piece("Sequence", "A")),
                ["special_tokens"] = new JsonObject { [begin] = new JsonObject { ["id"] = begin, ["ids"] = new JsonArray(Config["bos_token_id"]!.DeepClone()), ["tokens"] = new JsonArray(begin) } },
            };
        }
        if (metadata.TryGetString("tokenizer.chat_template", out string? template))
        {
            TokenizerConfig["chat_template"] = template;
        }
    }

    private static JsonObject Piece(string kind, string id) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };

    private void SetRole(GgufMetadata metadata, IReadOnlyList<string> tokens, string role)
    {
        if (metadata.TryGetInt32($"tokenizer.ggml.{role}_token_id", out int id))
        {
            TokenizerConfig[$"{role}_token"] = tokens[id];
            Config[$"{role}_token_id"] = id;
        }
    }
}
