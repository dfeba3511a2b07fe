using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Weights as tensor cores take them: each the sum of two halves, keys 0 to 15 and 16 to 31.</summary>
internal struct TileWeights
{
    /// <summary>Heads, keys 0 to 15.</summary>
    public Quad High0;

    /// <summary>Rests, keys 0 to 15.</summary>
    public Quad Low0;

    /// <summary>Heads, keys 16 to 31.</summary>
    public Quad High1;

    /// <summary>Rests, keys 16 to 31.</summary>
    public Quad Low1;

    /// <summary>Splits weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileWeights Of(in TileScores w)
    {
        TileWeights split = default;
        split.High0 = Heads(w.N0, w.N1);
        split.Low0 = Rests(w.N0, w.N1);
        split.High1 = Heads(w.N2, w.N3);
        split.Low1 = Rests(w.N2, w.N3);
        return split;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Heads(in FloatQuad a, in FloatQuad b) => new(
        TileMath.PackHeads(a.X, a.Y), TileMath.PackHeads(a.Z, a.W), TileMath.PackHeads(b.X, b.Y), TileMath.PackHeads(b.Z, b.W));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Rests(in FloatQuad a, in FloatQuad b) => new(
        TileMath.PackRests(a.X, a.Y), TileMath.PackRests(a.Z, a.W), TileMath.PackRests(b.X, b.Y), TileMath.PackRests(b.Z, b.W));
}
