using Winnow.Inference.Sampling;

namespace Winnow.Inference.Acceptance;

/// <summary>Decisions from the request's seed: a pure function of (seed, choice, generation index, how many were taken at that index before).</summary>
internal sealed class PhiloxLots : IRuleLots
{
    private const double Scale = 1.0 / (1L << 53);
    private ulong _seed;
    private uint _choice;
    private uint _index;
    private uint _taken;

    /// <summary>Goes to a position.</summary>
    public void Begin(ulong seed, int choice, int generationIndex)
    {
        _seed = seed;
        _choice = (uint)choice;
        _index = (uint)generationIndex;
        _taken = 0;
    }

    /// <inheritdoc/>
    public bool Accept(double wanted, double offered) => Uniform() * offered < wanted;

    /// <inheritdoc/>
    public int Draw(ReadOnlySpan<double> weights, double total)
    {
        double goal = Uniform() * total;
        double sum = 0;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            if (weights[i] > 0)
            {
                last = i;
                if (sum > goal)
                {
                    return i;
                }
            }
        }
        return last;
    }

    /// <summary>53 bits in [0, 1).</summary>
    private double Uniform()
    {
        PhiloxBlock words = Philox.Block(_seed, _index, _taken++, _choice, NoiseStreams.Decisions);
        return ((((ulong)words.X0 << 32) | words.X1) >> 11) * Scale;
    }
}
