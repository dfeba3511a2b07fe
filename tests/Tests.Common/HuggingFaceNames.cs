using System.Runtime.InteropServices;
using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>The names and values that a GGUF model's tensors had in the folder that it was converted from.</summary>
internal sealed class HuggingFaceNames
{
    private static readonly Dictionary<string, string> Shared = new()
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_qkv"] = "self_attn.qkv_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
        ["ffn_gate_inp"] = "mlp.gate",
        ["ffn_gate_exps"] = "mlp.experts.*.gate_proj",
        ["ffn_up_exps"] = "mlp.experts.*.up_proj",
        ["ffn_down_exps"] = "mlp.experts.*.down_proj",
    };

    private static readonly Dictionary<string, Dictionary<string, string>> Own = new()
    {
        ["gemma2"] = new() { ["post_attention_norm"] = "post_attention_layernorm", ["ffn_norm"] = "pre_feedforward_layernorm", ["post_ffw_norm"] = "post_feedforward_layernorm" },
        ["phi3"] = new() { ["ffn_up"] = "mlp.gate_up_proj" },
        ["mixtral"] = new()
        {
            ["ffn_gate_inp"] = "block_sparse_moe.gate",
            ["ffn_gate_exps"] = "block_sparse_moe.experts.*.w1",
            ["ffn_down_exps"] = "block_sparse_moe.experts.*.w2",
            ["ffn_up_exps"] = "block_sparse_moe.experts.*.w3",
        },
    };

    private readonly Dictionary<string, string> _own;
    private readonly int _heads;
    private readonly int _kvHeads;

    /// <summary>Looks at a model.</summary>
    public HuggingFaceNames(ModelFile file)
    {
        string architecture = file.Metadata.GetString("general.architecture");
        Family = architecture switch
        {
            "llama" when file.Metadata.Contains("llama.expert_count") => "mixtral",
            "qwen3moe" => "qwen3_moe",
            "gemma3" => "gemma3_text",
            _ => architecture,
        };
        _own = Own.GetValueOrDefault(Family == "gemma3_text" ? "gemma2" : Family, []);
        _heads = file.Metadata.GetInt32($"{architecture}.attention.head_count");
        _kvHeads = file.Metadata.GetInt32($"{architecture}.attention.head_count_kv");
    }

    /// <summary>The folder's <c>model_type</c>.</summary>
    public string Family { get; }

    /// <summary>A tensor's name in the folder.</summary>
    public string Of(string name)
    {
        string[] parts = name.Split('.');
        return name switch
        {
            "token_embd.weight" => "model.embed_tokens.weight",
            "output_norm.weight" => "model.norm.weight",
            "output.weight" => "lm_head.weight",
            _ => $"model.layers.{parts[1]}.{(_own.TryGetValue(parts[2], out string? own) ? own : Shared[parts[2]])}.{parts[3]}",
        };
    }

    /// <summary>The name of one expert of a stack.</summary>
    public string OfExpert(string name, int expert) => Of(name).Replace("*", $"{expert}", StringComparison.Ordinal);

    /// <summary>A tensor's values in the folder.</summary>
    public byte[] Restore(GgufTensor tensor, byte[] data)
    {
        if (Family.StartsWith("gemma", StringComparison.Ordinal) && tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal))
        {
            foreach (ref float value in MemoryMarshal.Cast<byte, float>(data.AsSpan()))
            {
                value -= 1;
            }
        }
        bool isReordered = Family is "llama" or "mixtral" && (tensor.Name.Contains(".attn_q.", StringComparison.Ordinal) || tensor.Name.Contains(".attn_k.", StringComparison.Ordinal));
        return isReordered ? OriginalRows(data, tensor.Name.Contains(".attn_q.", StringComparison.Ordinal) ? _heads : _kvHeads, tensor.Dimensions[^1]) : data;
    }

    // llama.cpp's converter interleaves the halves of each head's rows (of a bias: elements); this puts them back.
    private static byte[] OriginalRows(byte[] data, int heads, long rows)
    {
        int rowBytes = data.Length / (int)rows;
        int headRows = (int)rows / heads;
        byte[] original = new byte[data.Length];
        for (int row = 0; row < rows; row++)
        {
            int inHead = row % headRows;
            int target = row - inHead + (inHead % 2 * (headRows / 2)) + (inHead / 2);
            data.AsSpan(row * rowBytes, rowBytes).CopyTo(original.AsSpan(target * rowBytes));
        }
        return original;
    }
}
