namespace Winnow.Inference.Drafting.Heads;

/// <summary>Tensors of a head, by the names that published EAGLE-3 checkpoints have.</summary>
internal static class HeadTensors
{
    /// <summary>Joins the target's hidden states into one of the head's width.</summary>
    public const string Fuse = "fc.weight";

    /// <summary>Embeddings of the target's tokens.</summary>
    public const string Embedding = "embed_tokens.weight";

    /// <summary>Queries, of embedding and hidden state side by side.</summary>
    public const string Query = "midlayer.self_attn.q_proj.weight";

    /// <summary>Keys.</summary>
    public const string Key = "midlayer.self_attn.k_proj.weight";

    /// <summary>Values.</summary>
    public const string Value = "midlayer.self_attn.v_proj.weight";

    /// <summary>Attention's result.</summary>
    public const string Output = "midlayer.self_attn.o_proj.weight";

    /// <summary>Gate of the feed-forward layer.</summary>
    public const string Gate = "midlayer.mlp.gate_proj.weight";

    /// <summary>What is gated.</summary>
    public const string Up = "midlayer.mlp.up_proj.weight";

    /// <summary>The feed-forward layer's result.</summary>
    public const string Down = "midlayer.mlp.down_proj.weight";

    /// <summary>Logits over the head's own vocabulary.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>What to add to an id of the head's vocabulary for the target's; without it the ids are the same.</summary>
    public const string ToTarget = "d2t";

    /// <summary>Norm of embeddings.</summary>
    public const string EmbeddingNorm = "midlayer.input_layernorm.weight";

    /// <summary>Norm of hidden states.</summary>
    public const string HiddenNorm = "midlayer.hidden_norm.weight";

    /// <summary>Norm before the feed-forward layer.</summary>
    public const string FeedForwardNorm = "midlayer.post_attention_layernorm.weight";

    /// <summary>Norm before the logits.</summary>
    public const string FinalNorm = "norm.weight";

    /// <summary>All norms.</summary>
    public static readonly string[] Norms = [EmbeddingNorm, HiddenNorm, FeedForwardNorm, FinalNorm];
}
