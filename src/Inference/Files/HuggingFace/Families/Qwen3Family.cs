namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Qwen 3: norms on the heads of queries and keys.</summary>
internal class Qwen3Family(string architecture = "qwen3") : Qwen2Family(architecture)
{
    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> Modules { get; } = new Dictionary<string, string>
    {
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["mlp.gate"] = "ffn_gate_inp",
    };
}
