using System.Text.Json.Nodes;
using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>Writes a GGUF model of Llama's kind (llama, qwen2, qwen3, F32 or F16) as the Hugging Face folder that it could come from.</summary>
public sealed class HuggingFaceFolder
{
    private static readonly (string Gguf, string Original)[] Modules =
    [
        ("attn_norm", "input_layernorm"), ("attn_q_norm", "self_attn.q_norm"), ("attn_k_norm", "self_attn.k_norm"), ("attn_q", "self_attn.q_proj"),
        ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"), ("attn_output", "self_attn.o_proj"), ("ffn_norm", "post_attention_layernorm"),
        ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
    ];

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
        string architecture = file.Metadata.GetString("general.architecture");
        SetConfig(file, architecture);
        SetTokenizer(file.Metadata);
        Shards = [.. Enumerable.Range(0, shards).Select(_ => new SafetensorsBuilder())];
        int heads = file.Metadata.GetInt32($"{architecture}.attention.head_count");
        int kvHeads = file.Metadata.GetInt32($"{architecture}.attention.head_count_kv");
        for (int i = 0; i < file.Tensors.Count; i++)
        {
            GgufTensor tensor = file.Tensors[i];
            byte[] data = file.GetData(tensor).ToArray();
            if (architecture == "llama" && (tensor.Name.EndsWith("attn_q.weight", StringComparison.Ordinal) || tensor.Name.EndsWith("attn_k.weight", StringComparison.Ordinal)))
            {
                data = OriginalRows(data, tensor, tensor.Name.Contains("attn_q", StringComparison.Ordinal) ? heads : kvHeads);
            }
            Shards[i % shards].Tensor(OriginalName(tensor.Name), tensor.Type.ToString(), [.. tensor.Dimensions.Reverse()], data);
            WeightMap[OriginalName(tensor.Name)] = NameOf(i % shards);
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

    private static string OriginalName(string name)
    {
        string[] parts = name.Split('.');
        return name switch
        {
            "token_embd.weight" => "model.embed_tokens.weight",
            "output_norm.weight" => "model.norm.weight",
            "output.weight" => "lm_head.weight",
            _ => $"model.layers.{parts[1]}.{Modules.First(module => module.Gguf == parts[2]).Original}.{parts[3]}",
        };
    }

    // llama.cpp's converter interleaves the halves of each head's rows; this puts them back.
    private static byte[] OriginalRows(byte[] data, GgufTensor tensor, int heads)
    {
        int rowBytes = (int)tensor.RowBytes;
        int headRows = (int)tensor.RowCount / heads;
        byte[] original = new byte[data.Length];
        for (int row = 0; row < tensor.RowCount; row++)
        {
            int inHead = row % headRows;
            int target = row - inHead + (inHead % 2 * (headRows / 2)) + (inHead / 2);
            data.AsSpan(row * rowBytes, rowBytes).CopyTo(original.AsSpan(target * rowBytes));
        }
        return original;
    }

    private string NameOf(int shard) => Shards.Count == 1 ? "model.safetensors" : $"model-{shard + 1:D5}-of-{Shards.Count:D5}.safetensors";

    private void SetConfig(ModelFile file, string architecture)
    {
        GgufMetadata metadata = file.Metadata;
        int Integer(string key) => metadata.GetInt32($"{architecture}.{key}");
        Config["model_type"] = architecture;
        Config["_name_or_path"] = metadata.GetString("general.name");
        Config["hidden_act"] = "silu";
        Config["max_position_embeddings"] = Integer("context_length");
        Config["hidden_size"] = Integer("embedding_length");
        Config["num_hidden_layers"] = Integer("block_count");
        Config["intermediate_size"] = Integer("feed_forward_length");
        Config["num_attention_heads"] = Integer("attention.head_count");
        Config["num_key_value_heads"] = Integer("attention.head_count_kv");
        Config["rms_norm_eps"] = metadata.GetSingle($"{architecture}.attention.layer_norm_rms_epsilon");
        Config["rope_theta"] = metadata.GetSingle($"{architecture}.rope.freq_base");
        Config["vocab_size"] = file.GetTensor("token_embd.weight").RowCount;
        Config["tie_word_embeddings"] = !file.TryGetTensor("output.weight", out _);
        if (metadata.TryGetInt32($"{architecture}.attention.key_length", out int head))
        {
            Config["head_dim"] = head;
        }
    }

    // A byte-level BPE tokeniser; the token ids and merges are the file's.
    private void SetTokenizer(GgufMetadata metadata)
    {
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
        TokenizerConfig["add_bos_token"] = metadata.TryGetBool("tokenizer.ggml.add_bos_token", out bool addsBegin) && addsBegin;
        if (metadata.TryGetString("tokenizer.chat_template", out string? template))
        {
            TokenizerConfig["chat_template"] = template;
        }
    }

    private void SetRole(GgufMetadata metadata, IReadOnlyList<string> tokens, string role)
    {
        if (metadata.TryGetInt32($"tokenizer.ggml.{role}_token_id", out int id))
        {
            TokenizerConfig[$"{role}_token"] = tokens[id];
            Config[$"{role}_token_id"] = id;
        }
    }
}
