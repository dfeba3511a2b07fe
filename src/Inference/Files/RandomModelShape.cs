namespace Winnow.Inference.Files;

/// <summary>Sizes of a dense model of the llama family that <see cref="RandomModel"/> makes.</summary>
/// <param name="Layers">Layers.</param>
/// <param name="ModelSize">C: width of a hidden state.</param>
/// <param name="Heads">H: query heads.</param>
/// <param name="KvHeads">G: key-value heads.</param>
/// <param name="FeedForwardSize">F: width of the feed-forward layer.</param>
/// <param name="VocabularySize">V: tokens.</param>
/// <param name="ContextTokens">Longest sequence.</param>
public sealed record RandomModelShape(int Layers, int ModelSize, int Heads, int KvHeads, int FeedForwardSize, int VocabularySize, int ContextTokens)
{
    /// <summary>The shapes that can be asked for, by name.</summary>
    public static IReadOnlyDictionary<string, RandomModelShape> All { get; } = new Dictionary<string, RandomModelShape>(StringComparer.Ordinal)
    {
        ["llama-3-70b"] = new(80, 8192, 64, 8, 28672, 128256, 8192),
        ["llama-3-8b"] = new(32, 4096, 32, 8, 14336, 128256, 8192),
        ["tinyllama-1.1b"] = new(22, 2048, 32, 4, 5632, 32000, 2048),
        ["tiny"] = new(2, 256, 4, 2, 512, 512, 1024),
    };

    /// <summary>D: elements of a head.</summary>
    public int HeadSize => ModelSize / Heads;

    /// <summary>Names, rows and row lengths of the matrices, in the order in which a pass reads them.</summary>
    internal IEnumerable<(string Name, int Rows, int Columns)> Matrices()
    {
        int keyWidth = KvHeads * HeadSize;
        yield return ("token_embd", VocabularySize, ModelSize);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"blk.{layer}.";
            yield return (prefix + "attn_q", ModelSize, ModelSize);
            yield return (prefix + "attn_k", keyWidth, ModelSize);
            yield return (prefix + "attn_v", keyWidth, ModelSize);
            yield return (prefix + "attn_output", ModelSize, ModelSize);
            yield return (prefix + "ffn_gate", FeedForwardSize, ModelSize);
            yield return (prefix + "ffn_up", FeedForwardSize, ModelSize);
            yield return (prefix + "ffn_down", ModelSize, FeedForwardSize);
        }
        yield return ("output", VocabularySize, ModelSize);
    }

    /// <summary>Names of the norms.</summary>
    internal IEnumerable<string> Norms() =>
        [.. Enumerable.Range(0, Layers).SelectMany(layer => (string[])[$"blk.{layer}.attn_norm", $"blk.{layer}.ffn_norm"]), "output_norm"];
}
