using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// How likely the target is to draw each of the draft model's best candidates at a position, by how far apart their scores are: counted while it runs, from a
/// prior. Scores are perturbed logits, so that with shared noise a distance says how much the two models must differ for the target to choose otherwise.
/// </summary>
internal sealed class OutcomeOdds
{
    private const double PriorWeight = 16;
    private const double MostCounts = 4096;

    // Upper ends of the distances that count as one.
    private static readonly double[] Ends = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, double.PositiveInfinity];
    private readonly double[] _winnerHits = new double[Ends.Length];
    private readonly double[] _winnerSeen = new double[Ends.Length];
    private readonly double[] _otherHits = new double[Ends.Length];
    private readonly double[] _otherSeen = new double[Ends.Length];

    /// <summary>Starts from the prior.</summary>
    public OutcomeOdds()
    {
        for (int bin = 0; bin < Ends.Length; bin++)
        {
            double half = 0.5 * Math.Exp(-Math.Min(Ends[bin], 8));
            (_winnerHits[bin], _winnerSeen[bin]) = (PriorWeight * (1 - half), PriorWeight);
            (_otherHits[bin], _otherSeen[bin]) = (PriorWeight * half, PriorWeight);
        }
    }

    /// <summary>Probability that the target draws a candidate.</summary>
    /// <param name="ranked">Candidates of a position, best first.</param>
    /// <param name="rank">Which of them.</param>
    public double Of(ReadOnlySpan<RankedToken> ranked, int rank)
    {
        int bin = BinOf(ranked, rank);
        return rank == 0 ? _winnerHits[bin] / _winnerSeen[bin] : _otherHits[bin] / _otherSeen[bin];
    }

    /// <summary>The target drew a token at a position.</summary>
    public void Observe(ReadOnlySpan<RankedToken> ranked, int drawn)
    {
        for (int rank = 0; rank < ranked.Length; rank++)
        {
            int bin = BinOf(ranked, rank);
            (double[] hits, double[] seen) = rank == 0 ? (_winnerHits, _winnerSeen) : (_otherHits, _otherSeen);
            hits[bin] += ranked[rank].Token == drawn ? 1 : 0;
            seen[bin]++;
            if (seen[bin] > MostCounts)
            {
                hits[bin] /= 2;
                seen[bin] /= 2;
            }
        }
    }

    // The winner is judged by its lead, the others by how far they are behind it.
    private static int BinOf(ReadOnlySpan<RankedToken> ranked, int rank)
    {
        double distance = rank > 0 ? ranked[0].Score - ranked[rank].Score
            : ranked.Length > 1 ? ranked[0].Score - ranked[1].Score : double.PositiveInfinity;
        int bin = 0;
        while (distance > Ends[bin])
        {
            bin++;
        }
        return bin;
    }
}
