namespace Winnow.Inference.Drafting;

/// <summary>How large a draft may be.</summary>
/// <param name="Nodes">Most tokens in all.</param>
/// <param name="Depth">Most tokens on the way from the root to a leaf.</param>
/// <param name="Width">Most children of a node; 1 asks for a chain.</param>
/// <param name="VocabularySize">Token ids are below this.</param>
public readonly record struct DraftRoom(int Nodes, int Depth, int Width, int VocabularySize)
{
    /// <summary>Room for a chain.</summary>
    /// <param name="tokens">Most tokens.</param>
    /// <param name="vocabularySize">Token ids are below this.</param>
    public static DraftRoom ForChain(int tokens, int vocabularySize) => new(tokens, tokens, 1, vocabularySize);
}
