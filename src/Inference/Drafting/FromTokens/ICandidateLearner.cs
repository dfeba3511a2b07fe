namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// A drafter that guesses from tokens, and learns from the tokens that the target held likeliest after each one it verified, whether that was kept or not. The last shard
/// returns these for the sequences that the drafter serves.
/// </summary>
public interface ICandidateLearner : ITokenDrafter
{
    /// <summary>The target has read a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="candidates">Ids of the largest of its logits after that token, the largest first; at most <see cref="Execution.SequenceResult.MostCandidates"/>.</param>
    void Learn(int token, ReadOnlySpan<int> candidates);
}
