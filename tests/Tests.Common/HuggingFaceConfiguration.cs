using System.Text.Json.Nodes;
using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>Writes config.json from a GGUF model's metadata.</summary>
internal static class HuggingFaceConfiguration
{
    private static readonly (string Name, string Key)[] Integers =
    [
        ("max_position_embeddings", "context_length"), ("hidden_size", "embedding_length"), ("num_hidden_layers", "block_count"), ("intermediate_size", "feed_forward_length"),
        ("num_attention_heads", "attention.head_count"), ("num_key_value_heads", "attention.head_count_kv"), ("head_dim", "attention.key_length"),
        ("sliding_window", "attention.sliding_window"), ("original_max_position_embeddings", "rope.scaling.original_context_length"), ("num_local_experts", "expert_count"),
        ("num_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("moe_intermediate_size", "expert_feed_forward_length"),
    ];

    private static readonly (string Name, string Key)[] Numbers =
    [
        ("rms_norm_eps", "attention.layer_norm_rms_epsilon"), ("rope_theta", "rope.freq_base"), ("attn_logit_softcapping", "attn_logit_softcapping"),
        ("final_logit_softcapping", "final_logit_softcapping"),
    ];

    /// <summary>Writes it.</summary>
    public static void Write(ModelFile file, string family, JsonObject config)
    {
        GgufMetadata metadata = file.Metadata;
        string prefix = metadata.GetString("general.architecture") + ".";
        config["model_type"] = family;
        config["_name_or_path"] = metadata.GetString("general.name");
        config[family.StartsWith("gemma", StringComparison.Ordinal) ? "hidden_activation" : "hidden_act"] = family.StartsWith("gemma", StringComparison.Ordinal) ? "gelu_pytorch_tanh" : "silu";
        foreach ((string name, string key) in Integers)
        {
            if (metadata.TryGetInt32(prefix + key, out int value))
            {
                config[name] = value;
            }
        }
        foreach ((string name, string key) in Numbers)
        {
            if (metadata.TryGetSingle(prefix + key, out float value))
            {
                config[name] = value;
            }
        }
        config["vocab_size"] = file.GetTensor("token_embd.weight").RowCount;
        config["tie_word_embeddings"] = !file.TryGetTensor("output.weight", out _);
        if (metadata.TryGetInt32(prefix + "rope.dimension_count", out int turned) && metadata.TryGetInt32(prefix + "attention.key_length", out int head) && turned != head)
        {
            config["partial_rotary_factor"] = (double)turned / head;
        }
        if (Scaling(file, prefix) is { } scaling)
        {
            config["rope_scaling"] = scaling;
        }
    }

    private static JsonObject? Scaling(ModelFile file, string prefix)
    {
        if (file.TryGetTensor("rope_freqs.weight", out _))
        {
            // What the Llama 3.1 oracle's divisors were computed from (tools/oracles).
            return new JsonObject { ["rope_type"] = "llama3", ["factor"] = 8.0, ["low_freq_factor"] = 1.0, ["high_freq_factor"] = 4.0, ["original_max_position_embeddings"] = 64 };
        }
        if (file.TryGetTensor("rope_factors_long.weight", out GgufTensor? longFactors))
        {
            return new JsonObject
            {
                ["type"] = "longrope",
                ["long_factor"] = Array(file, longFactors),
                ["short_factor"] = Array(file, file.GetTensor("rope_factors_short.weight")),
                ["attention_factor"] = file.Metadata.GetSingle(prefix + "rope.scaling.attn_factor"),
            };
        }
        return file.Metadata.TryGetString(prefix + "rope.scaling.type", out string? type)
            ? new JsonObject { ["rope_type"] = type, ["factor"] = file.Metadata.GetSingle(prefix + "rope.scaling.factor") }
            : null;
    }

    private static JsonArray Array(ModelFile file, GgufTensor tensor) =>
        [.. Enumerable.Range(0, (int)tensor.ElementCount).Select(i => (JsonNode)BitConverter.ToSingle(file.GetData(tensor)[(4 * i)..]))];
}
