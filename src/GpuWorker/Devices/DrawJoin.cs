using Winnow.GpuWorker.Kernels.Sampling;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Devices;

/// <summary>Puts together what the ranks of a shard found, each in its part of the vocabulary, in the order of ids: of equal scores and logits the lowest id comes first.</summary>
internal static class DrawJoin
{
    /// <summary>Sets the findings of all rows.</summary>
    /// <param name="ranks">The ranks; their streams are done.</param>
    /// <param name="layout">How the rows lay.</param>
    /// <param name="draws">What was asked; gets what was found.</param>
    public static void Run(ReadOnlySpan<RankDraws> ranks, DrawLayout layout, LogitDraws draws)
    {
        for (int row = 0; row < draws.Count; row++)
        {
            RowPlaces places = layout.Places[row];
            DrawResult own = Joined(ranks, row);
            DrawResult drawn = places.Drawn == row ? own : Joined(ranks, places.Drawn);
            ref readonly RowAsk ask = ref draws.Asks[row];
            bool hasAll = false;
            draws.Findings[row] = new RowFinding
            {
                OwnStatus = own.Status,
                Status = drawn.Status,
                Token = drawn.Token,
                Largest = drawn.Largest,
                Weights = places.Weighed < 0 ? 0 : Weights(ranks, places, drawn.Largest, ask.Parameters.Temperature),
                Likeliest = places.Likeliest < 0 ? default : Merge(ranks, places.Likeliest, ask.Likeliest, draws.Candidates, out _),
                Best = places.Best < 0 ? default : Merge(ranks, places.Best, ask.Best, draws.Candidates, out hasAll),
                HasAll = hasAll,
            };
        }
    }

    private static DrawResult Joined(ReadOnlySpan<RankDraws> ranks, int row)
    {
        DrawResult best = ranks[0].Drawn(row);
        foreach (RankDraws rank in ranks[1..])
        {
            ref readonly DrawResult other = ref rank.Drawn(row);
            bool cannot = best.Status == DrawStatus.NotANumber || other.Status == DrawStatus.NotANumber;
            float largest = Math.Max(best.Largest, other.Largest);
            if (best.Status == DrawStatus.NoCandidates || (other.Status == DrawStatus.Drawn && other.Score > best.Score))
            {
                best = other;
            }
            best.Largest = largest;
            best.Status = cannot ? DrawStatus.NotANumber : best.Status;
        }
        return best;
    }

    private static double Weights(ReadOnlySpan<RankDraws> ranks, RowPlaces places, float largest, double temperature)
    {
        double sum = 0;
        foreach (RankDraws rank in ranks)
        {
            float own = rank.Drawn(places.Drawn).Largest;
            sum += own > float.NegativeInfinity ? rank.Weights(places.Weighed) * PortableMath.Exp((own - (double)largest) / temperature) : 0;
        }
        return sum;
    }

    private static Range Merge(ReadOnlySpan<RankDraws> ranks, int ask, int wanted, List<Candidate> candidates, out bool hasAll)
    {
        int first = candidates.Count;
        Span<int> taken = stackalloc int[ranks.Length];
        taken.Clear();
        for (int count = 0; count < wanted && Next(ranks, ask, taken) is int rank and >= 0; count++)
        {
            candidates.Add(ranks[rank].Candidates(ask, out _)[taken[rank]++]);
        }
        hasAll = Next(ranks, ask, taken) < 0;
        foreach (RankDraws rank in ranks)
        {
            _ = rank.Candidates(ask, out bool all);
            hasAll &= all;
        }
        return first..candidates.Count;
    }

    // The rank that has the best of the candidates not yet taken, or -1.
    private static int Next(ReadOnlySpan<RankDraws> ranks, int ask, ReadOnlySpan<int> taken)
    {
        int best = -1;
        float largest = float.NegativeInfinity;
        for (int rank = 0; rank < ranks.Length; rank++)
        {
            ReadOnlySpan<Candidate> own = ranks[rank].Candidates(ask, out _);
            if (taken[rank] < own.Length && own[taken[rank]].Logit > largest)
            {
                (best, largest) = (rank, own[taken[rank]].Logit);
            }
        }
        return best;
    }
}
