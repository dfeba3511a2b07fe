using Winnow.Inference.Acceptance;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>
/// Every way that the random choices of a computation can go, one after the other, each with its probability: the computation is run until
/// <see cref="Next"/> says that all have been.
/// </summary>
internal sealed class Branches : IRuleLots
{
    private readonly List<double[]> _odds = [];
    private readonly List<int> _taken = [];
    private int _depth;

    /// <summary>Probability of the way that is being taken.</summary>
    public double Probability { get; private set; } = 1;

    /// <summary>Goes to the next way.</summary>
    public bool Next()
    {
        if (_depth > 0)
        {
            while (_taken.Count > 0 && !Advance(_taken.Count - 1))
            {
                _taken.RemoveAt(_taken.Count - 1);
                _odds.RemoveAt(_odds.Count - 1);
            }
            if (_taken.Count == 0)
            {
                return false;
            }
        }
        (_depth, Probability) = (0, 1);
        return true;
    }

    /// <summary>One of several outcomes; those of probability 0 are never taken.</summary>
    public int Choose(params double[] odds)
    {
        if (_depth == _taken.Count)
        {
            _odds.Add(odds);
            _taken.Add(-1);
            Advance(_depth);
        }
        Probability *= odds[_taken[_depth]];
        return _taken[_depth++];
    }

    /// <inheritdoc/>
    public bool Accept(double wanted, double offered)
    {
        double accepted = Math.Min(1, wanted / offered);
        return Choose(accepted, 1 - accepted) == 0;
    }

    /// <inheritdoc/>
    public int Draw(ReadOnlySpan<double> weights, double total)
    {
        double[] odds = new double[weights.Length];
        for (int i = 0; i < odds.Length; i++)
        {
            odds[i] = weights[i] / total;
        }
        return Choose(odds);
    }

    private bool Advance(int depth)
    {
        do
        {
            _taken[depth]++;
        }
        while (_taken[depth] < _odds[depth].Length && _odds[depth][_taken[depth]] <= 0);
        return _taken[depth] < _odds[depth].Length;
    }
}
