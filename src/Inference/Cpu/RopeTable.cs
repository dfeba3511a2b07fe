using System.Runtime.CompilerServices;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Rotary position embedding (Su et al., arXiv 2104.09864): the cosine and sine of position * frequency for a
/// head's rotated pairs, times the scaling's magnitude.
/// </summary>
/// <remarks>
/// Kept for positions 0 to 255 and for multiples of 256, in doubles; a position's values come from the angle addition formulas and are
/// rounded to float last. So a table of a long context stays small and any two shards get the same bits.
/// </remarks>
internal sealed unsafe class RopeTable
{
    private const int Fine = 256;
    private readonly double[] _fine;
    private readonly double[] _coarse;
    private readonly double _magnitude;
    private readonly RopeStyle _style;

    /// <summary>Computes the tables.</summary>
    /// <param name="rope">Rotation's constants.</param>
    /// <param name="contextTokens">Positions.</param>
    /// <param name="divisors">Divisors of the frequencies (Llama 3.1's <c>rope_freqs.weight</c>), or empty.</param>
    public RopeTable(RopeBlock rope, int contextTokens, ReadOnlySpan<float> divisors)
    {
        _style = rope.Style;
        _magnitude = rope.Magnitude;
        double[] frequencies = RopeFrequencies.Compute(rope, divisors);
        Pairs = frequencies.Length;
        _fine = Fill(frequencies, Fine, 1);
        _coarse = Fill(frequencies, (contextTokens / Fine) + 1, Fine);
    }

    /// <summary>Rotated pairs of a head.</summary>
    public int Pairs { get; }

    /// <summary>Writes a position's cosines, then its sines.</summary>
    /// <param name="position">0 to the context's end.</param>
    /// <param name="destination">2 * <see cref="Pairs"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int position, float* destination)
    {
        ReadOnlySpan<double> fine = _fine.AsSpan(position % Fine * 2 * Pairs, 2 * Pairs);
        ReadOnlySpan<double> coarse = _coarse.AsSpan(position / Fine * 2 * Pairs, 2 * Pairs);
        for (int i = 0; i < Pairs; i++)
        {
            double cosA = coarse[i];
            double sinA = coarse[Pairs + i];
            double cosB = fine[i];
            double sinB = fine[Pairs + i];
            destination[i] = (float)(((cosA * cosB) - (sinA * sinB)) * _magnitude);
            destination[Pairs + i] = (float)(((sinA * cosB) + (cosA * sinB)) * _magnitude);
        }
    }

    /// <summary>Rotates one head in place.</summary>
    /// <param name="head">At least twice <see cref="Pairs"/> floats.</param>
    /// <param name="angles">What <see cref="Write"/> wrote.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rotate(float* head, float* angles)
    {
        int step = _style == RopeStyle.Interleaved ? 2 : 1;
        int mate = _style == RopeStyle.Interleaved ? 1 : Pairs;
        for (int i = 0; i < Pairs; i++)
        {
            float cos = angles[i];
            float sin = angles[Pairs + i];
            float x = head[i * step];
            float y = head[(i * step) + mate];
            head[i * step] = (x * cos) - (y * sin);
            head[(i * step) + mate] = (x * sin) + (y * cos);
        }
    }

    private double[] Fill(double[] frequencies, int count, int stride)
    {
        double[] table = new double[count * 2 * Pairs];
        for (int n = 0; n < count; n++)
        {
            for (int i = 0; i < Pairs; i++)
            {
                (double sin, double cos) = PortableTrigonometry.SinCos((double)n * stride * frequencies[i]);
                table[(n * 2 * Pairs) + i] = cos;
                table[(n * 2 * Pairs) + Pairs + i] = sin;
            }
        }
        return table;
    }
}
