using System.Numerics;

namespace Winnow.Inference.Sampling;

/// <summary>
/// The noise of Gumbel-max sampling: a pure function of (seed, choice, generation index, token id), see docs/sampling.md.
/// </summary>
/// <remarks>
/// <see cref="Philox"/> with the seed as key and counter (generation index, token id / 4, choice, stream); word (token id mod 4)
/// gives u = (word + 1/2) / 2^32 and the noise -log(-log u), in float64 with <see cref="PortableMath.Log"/>.
/// </remarks>
public readonly struct GumbelNoise
{
    /// <summary>No noise value exceeds this: -log(-log u) at the largest u, 1 - 2^-33, is 22.874.</summary>
    public const double Largest = 22.875;

    // Above ln 2, so that the bound below holds after rounding too.
    private const double Ln2Above = 0.6931472;
    private const double Scale = 1.0 / 4294967296.0;

    private readonly ulong _seed;
    private readonly uint _index;
    private readonly uint _choice;
    private readonly uint _stream;

    /// <summary>The noise of one position.</summary>
    /// <param name="seed">The request's seed.</param>
    /// <param name="choice">The choice index.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="stream">One of <see cref="NoiseStreams"/>; 0 for the target's token.</param>
    public GumbelNoise(ulong seed, int choice, int generationIndex, uint stream = 0)
    {
        _seed = seed;
        _index = (uint)generationIndex;
        _choice = (uint)choice;
        _stream = stream;
    }

    /// <summary>The words of tokens <c>4 * group</c> to <c>4 * group + 3</c>.</summary>
    public PhiloxBlock Words(int group) => Philox.Block(_seed, _index, (uint)group, _choice, _stream);

    /// <summary>The noise of one token.</summary>
    public double Of(int token) => FromWord(Words(token >> 2)[token]);

    /// <summary>The noise that a random word stands for.</summary>
    public static double FromWord(uint word) => -PortableMath.Log(-PortableMath.Log((word + 0.5) * Scale));

    /// <summary>A cheap upper bound of <see cref="FromWord"/>.</summary>
    /// <remarks>-log u is at least w = 1 - u, and w is at least 2^-(z + 1) where z counts the leading zeros of the inverted word.</remarks>
    public static double Bound(uint word) => (BitOperations.LeadingZeroCount(~word) + 1) * Ln2Above;
}
