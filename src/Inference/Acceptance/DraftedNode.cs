using System.Runtime.Intrinsics;

namespace Winnow.Inference.Acceptance;

/// <summary>
/// A position with drafts: the target's distribution as weights, and the distribution that the drafts were drawn from. All sums in float64, in a fixed order.
/// </summary>
internal ref struct DraftedNode
{
    // What is left of the target's distribution below this part of it is rounding.
    private const double Vanishing = 1e-14;

    private readonly ReadOnlySpan<int> _ids;
    private readonly Span<double> _kept;

    /// <summary>Lays a node out.</summary>
    /// <param name="weights">The target's weights (V), in proportion to its probabilities.</param>
    /// <param name="total">Their sum.</param>
    /// <param name="drafts">Drafts in the order they were drawn, at least one.</param>
    /// <param name="ids">Tokens that the drafts could have been, ascending.</param>
    /// <param name="law">Their probabilities; in proportion is enough.</param>
    /// <param name="kept">Room for as many.</param>
    public DraftedNode(Span<double> weights, double total, ReadOnlySpan<int> drafts, ReadOnlySpan<int> ids, Span<double> law, Span<double> kept)
    {
        Weights = weights;
        Total = total;
        Drafts = drafts;
        _ids = ids;
        Law = law;
        _kept = kept;
        Normalise();
    }

    /// <summary>The target's weights (V).</summary>
    public readonly Span<double> Weights { get; }

    /// <summary>Their sum.</summary>
    public double Total { get; private set; }

    /// <summary>Drafts in the order they were drawn.</summary>
    public readonly ReadOnlySpan<int> Drafts { get; }

    /// <summary>Probabilities of the tokens that the drafts could have been; sum 1.</summary>
    public readonly Span<double> Law { get; }

    /// <summary>Place of a token in <see cref="Law"/>; negative when it could not have been drafted.</summary>
    public readonly int PlaceOf(int token) => _ids.BinarySearch(token);

    /// <summary>The target's weight of the token at a place of <see cref="Law"/>.</summary>
    public readonly double WeightAt(int place) => Weights[_ids[place]];

    /// <summary>
    /// Takes weight away at each place of <see cref="Law"/>, never below 0. Where nothing but rounding would be left, all stays as it is.
    /// </summary>
    /// <param name="amounts">Weight to take at each place.</param>
    /// <returns>Whether something is left.</returns>
    public bool TrySubtract(ReadOnlySpan<double> amounts)
    {
        for (int i = 0; i < _ids.Length; i++)
        {
            ref double weight = ref Weights[_ids[i]];
            _kept[i] = weight;
            weight = Math.Max(0, weight - amounts[i]);
        }
        double left = Sum(Weights);
        if (left > Vanishing * Total)
        {
            Total = left;
            return true;
        }
        for (int i = 0; i < _ids.Length; i++)
        {
            Weights[_ids[i]] = _kept[i];
        }
        return false;
    }

    /// <summary>The drafts go on without this token.</summary>
    /// <returns>Whether another one can be drawn.</returns>
    public readonly bool TryExclude(int place)
    {
        Law[place] = 0;
        return Normalise();
    }

    private readonly bool Normalise()
    {
        double sum = 0;
        foreach (double probability in Law)
        {
            sum += probability;
        }
        for (int i = 0; i < Law.Length && sum > 0; i++)
        {
            Law[i] /= sum;
        }
        return sum > 0;
    }

    /// <summary>Four partial sums, then their sum: the same on every platform.</summary>
    private static double Sum(ReadOnlySpan<double> weights)
    {
        Vector256<double> sums = Vector256<double>.Zero;
        int i = 0;
        for (; i + 4 <= weights.Length; i += 4)
        {
            sums += Vector256.Create(weights.Slice(i, 4));
        }
        double sum = sums[0] + sums[1] + sums[2] + sums[3];
        for (; i < weights.Length; i++)
        {
            sum += weights[i];
        }
        return sum;
    }
}
