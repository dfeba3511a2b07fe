namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>The drafters that work from tokens alone and come with Winnow.</summary>
public static class TokenDrafters
{
    /// <summary>Makes one of each, for the sequences of one model.</summary>
    /// <param name="vocabularySize">Token ids are below this.</param>
    public static IReadOnlyList<ITokenDrafter> CreateAll(int vocabularySize) =>
        [new PromptLookupDrafter(), new SuffixDrafter(), new TokenRecyclingDrafter(vocabularySize), new AdaptiveNgramDrafter()];
}
