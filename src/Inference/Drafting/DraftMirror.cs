using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// What the target's early exit expects at every place where the verification of a sequence's drafts may end, known before the target's later layers have run (Mirror-SD,
/// Bhendawade et al., 2510.13161): likely corrections for whoever drafts ahead. Untrusted: a wrong one costs a branch.
/// </summary>
/// <param name="Sequence">The coordinator's id of the sequence; at the shards its slot.</param>
/// <param name="Length">Tokens of the sequence before the drafts that are verified.</param>
/// <param name="PrefixHash"><see cref="Cache.PrefixHash"/> over those.</param>
/// <param name="Candidates">Tokens at each place.</param>
/// <param name="Tokens">The tokens, best first, place after place: after the last committed token, after the first draft, and so on.</param>
/// <param name="Scores">Their perturbed logits: what the shared noise makes of the exit's.</param>
public sealed record DraftMirror(long Sequence, int Length, ulong PrefixHash, int Candidates, int[] Tokens, float[] Scores)
{
    /// <summary>Most candidates at a place.</summary>
    public const int MostCandidates = 8;

    /// <summary>Places that there are whole candidates for.</summary>
    public int Places => Candidates is < 1 or > MostCandidates ? 0 : Math.Min(Tokens.Length, Scores.Length) / Candidates;

    /// <summary>Writes a place's candidates, as far as they are tokens and in order.</summary>
    /// <param name="place">Drafts accepted before it.</param>
    /// <param name="vocabularySize">Token ids are below this.</param>
    /// <param name="ranked">Receives them.</param>
    /// <returns>How many there are.</returns>
    internal int At(int place, int vocabularySize, Span<RankedToken> ranked)
    {
        int count = 0;
        while (place < Places && count < Math.Min(Candidates, ranked.Length))
        {
            int index = (place * Candidates) + count;
            bool isInOrder = float.IsFinite(Scores[index]) && (count == 0 || Scores[index] <= ranked[count - 1].Score);
            if ((uint)Tokens[index] >= (uint)vocabularySize || !isInOrder)
            {
                break;
            }
            ranked[count++] = new RankedToken(Tokens[index], Scores[index]);
        }
        return count;
    }
}
