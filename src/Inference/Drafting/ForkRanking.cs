using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// Ranks the outcomes of a verification by how likely they are: that the first <c>a</c> drafts are accepted, times that the target draws the candidate
/// after them. So deeper places get fewer forks, and the more the surer the draft model is of them.
/// </summary>
internal static class ForkRanking
{
    /// <summary>An outcome.</summary>
    /// <param name="Accepted">Drafts accepted.</param>
    /// <param name="Token">The token after them.</param>
    /// <param name="Odds">Its probability.</param>
    /// <param name="IsMirrored">The draft model has it not among its candidates.</param>
    public readonly record struct Outcome(int Accepted, int Token, double Odds, bool IsMirrored = false);

    // What a draft is worth that is none of the best candidates, as other drafters' may be.
    private const double StrangerOdds = 0.05;

    /// <summary>Writes the likeliest outcomes, best first.</summary>
    /// <param name="trunk">Drafts and the candidates after each.</param>
    /// <param name="odds">Calibrated probabilities.</param>
    /// <param name="mirrored">Those of the candidates of an early exit.</param>
    /// <param name="leastOdds">Outcomes less likely than this are left out.</param>
    /// <param name="outcomes">Receives them, as many as it holds.</param>
    /// <returns>How many there are.</returns>
    public static int Rank(DraftTrunk trunk, OutcomeOdds odds, OutcomeOdds mirrored, double leastOdds, Span<Outcome> outcomes)
    {
        int count = 0;
        double reached = 1;
        Span<RankedToken> mirror = stackalloc RankedToken[DraftMirror.MostCandidates];
        for (int accepted = 0; accepted <= trunk.Drafts && reached >= leastOdds; accepted++)
        {
            ReadOnlySpan<RankedToken> ranked = trunk.At(accepted);
            int draft = trunk.DraftAt(accepted);
            double goesOn = StrangerOdds;
            Span<RankedToken> expected = mirror[..trunk.MirrorAt(accepted, mirror)];
            for (int rank = 0; rank < ranked.Length; rank++)
            {
                double chance = Math.Max(odds.Of(ranked, rank), OddsOf(expected, ranked[rank].Token, mirrored));
                if (ranked[rank].Token == draft)
                {
                    goesOn = chance;
                }
                else if (reached * chance >= leastOdds)
                {
                    Insert(outcomes, ref count, new Outcome(accepted, ranked[rank].Token, reached * chance));
                }
            }
            for (int rank = 0; rank < expected.Length; rank++)
            {
                double chance = mirrored.Of(expected, rank);
                if (expected[rank].Token != draft && reached * chance >= leastOdds && IndexOf(ranked, expected[rank].Token) < 0)
                {
                    Insert(outcomes, ref count, new Outcome(accepted, expected[rank].Token, reached * chance, IsMirrored: true));
                }
            }
            reached *= goesOn;
        }
        return count;
    }

    private static double OddsOf(ReadOnlySpan<RankedToken> expected, int token, OutcomeOdds odds) => IndexOf(expected, token) is >= 0 and int rank ? odds.Of(expected, rank) : 0;

    private static int IndexOf(ReadOnlySpan<RankedToken> ranked, int token)
    {
        for (int i = 0; i < ranked.Length; i++)
        {
            if (ranked[i].Token == token)
            {
                return i;
            }
        }
        return -1;
    }

    private static void Insert(Span<Outcome> outcomes, ref int count, Outcome outcome)
    {
        int place = count;
        while (place > 0 && outcome.Odds > outcomes[place - 1].Odds)
        {
            place--;
        }
        if (place == outcomes.Length)
        {
            return;
        }
        count = Math.Min(count + 1, outcomes.Length);
        outcomes[place..(count - 1)].CopyTo(outcomes[(place + 1)..]);
        outcomes[place] = outcome;
    }
}
