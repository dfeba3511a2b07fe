using System.Collections.Frozen;

namespace Winnow.Inference.Cpu;

/// <summary>Tensors of a layer that the graph computes with, by the part of the name after <c>blk.N.</c>.</summary>
internal static class CpuTensorNames
{
    private static readonly FrozenSet<string> Known = new[]
    {
        "attn_norm.weight", "attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight",
        "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_q_norm.weight", "attn_k_norm.weight",
        "ffn_norm.weight", "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All of them, for messages.</summary>
    public static string Listing { get; } = string.Join(", ", Known.Order(StringComparer.Ordinal));

    /// <summary>Whether a full name such as <c>blk.0.attn_q.weight</c> is one of them.</summary>
    public static bool IsKnown(string name) => Known.Contains(name[(name.IndexOf('.', 4) + 1)..]);
}
