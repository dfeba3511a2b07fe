namespace Winnow.Peer;

/// <summary>How a context computes.</summary>
internal sealed record PeerContextOptions
{
    /// <summary>Tokens of all sequences together.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Threads, for one row and for many.</summary>
    public required int Threads { get; init; }

    /// <summary>Sequences at once.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Rows of one sequence that a batch may ask logits for.</summary>
    public int OutputsPerSequence { get; init; } = 1;

    /// <summary>KV cache in F32; F16 otherwise.</summary>
    public bool KvF32 { get; init; }

    /// <summary>Flash attention on, off, or as llama.cpp decides.</summary>
    public bool? FlashAttention { get; init; }
}
