using Winnow.Inference.Files;

namespace Winnow.Inference.Tests.Graph;

/// <summary>Rotary positions in doubles with the scalings of a file, from the papers.</summary>
internal sealed class NaiveRope
{
    private readonly double[] _frequencies;
    private readonly double _magnitude;
    private readonly bool _neighbours;

    /// <summary>Reads a file.</summary>
    /// <param name="file">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="headSize">Elements of a head.</param>
    /// <param name="local">The rotation of a Gemma layer with a window.</param>
    public NaiveRope(ModelFile file, NaiveWeights weights, int headSize, bool local)
    {
        string architecture = file.Metadata.GetString("general.architecture");
        double Number(string key, double absent) => file.Metadata.TryGetSingle($"{architecture}.rope.{key}", out float value) ? value : absent;
        int Integer(string key, int absent) => file.Metadata.TryGetUInt32($"{architecture}.{key}", out uint value) ? (int)value : absent;
        _neighbours = architecture == "llama";
        int dimensions = Integer("rope.dimension_count", headSize);
        int context = Integer("context_length", 0);
        int original = Integer("rope.scaling.original_context_length", context);
        bool unscaled = local && architecture == "gemma3";
        double numberBase = unscaled ? Number("freq_base_swa", 10000) : Number("freq_base", 10000);
        double factor = unscaled ? 1 : Number("scaling.factor", 1);
        bool yarn = file.Metadata.TryGetString($"{architecture}.rope.scaling.type", out string? kind) && kind == "yarn";
        string divisors = architecture == "llama" ? "rope_freqs.weight" : context > original ? "rope_factors_long.weight" : "rope_factors_short.weight";
        _frequencies = new double[dimensions / 2];
        for (int i = 0; i < _frequencies.Length; i++)
        {
            double own = Math.Pow(numberBase, -2.0 * i / dimensions) / (weights.Has(divisors) ? weights.Vector(divisors)[i] : 1);
            double kept = yarn ? 1 - Ramp(i, Pair(32, original, dimensions, numberBase), Pair(1, original, dimensions, numberBase), dimensions) : 0;
            _frequencies[i] = (own * kept) + (own / factor * (1 - kept));
        }
        _magnitude = Number("scaling.attn_factor", 1) * (yarn ? (0.1 * Math.Log(factor)) + 1 : 1);
    }

    /// <summary>A head at a position.</summary>
    public double[] Rotate(double[] head, int position)
    {
        double[] result = (double[])head.Clone();
        for (int i = 0; i < _frequencies.Length; i++)
        {
            int first = _neighbours ? 2 * i : i;
            int second = _neighbours ? first + 1 : i + _frequencies.Length;
            (double sin, double cos) = Math.SinCos(position * _frequencies[i]);
            result[first] = ((head[first] * cos) - (head[second] * sin)) * _magnitude;
            result[second] = ((head[first] * sin) + (head[second] * cos)) * _magnitude;
        }
        return result;
    }

    // find_correction_dim and linear_ramp_mask of YaRN's authors.
    private static double Pair(double turns, int original, int dimensions, double numberBase) =>
        dimensions * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(numberBase));

    private static double Ramp(int pair, double fast, double slow, int dimensions)
    {
        double low = Math.Max(Math.Floor(fast), 0);
        double high = Math.Min(Math.Ceiling(slow), dimensions - 1);
        return Math.Clamp((pair - low) / (high == low ? 0.001 : high - low), 0, 1);
    }
}
