using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// Four neighbouring outputs of one row, in registers: the unit's integers, the chain so far, its quarter, the quarter before where the two are a
/// pair, and the pair before that.
/// </summary>
internal struct RowTile
{
    /// <summary>Integers of the unit.</summary>
    public Quad Integers;

    /// <summary>The chain.</summary>
    public FloatQuad Chain;

    /// <summary>The chains of its quarter before it.</summary>
    public FloatQuad Quarter;

    /// <summary>The first quarter of a pair.</summary>
    public FloatQuad First;

    /// <summary>The pairs so far.</summary>
    public FloatQuad Total;

    /// <summary>Adds 16 codes of four outputs times 16 of the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile AddCodes<TMath>(RowTile tile, Quad x, in FourQuads weights, Quad scales)
        where TMath : struct, IDeviceMath
    {
        tile.Integers.X += scales.X * IntegerDot.Dot16<TMath>(weights.A, x);
        tile.Integers.Y += scales.Y * IntegerDot.Dot16<TMath>(weights.B, x);
        tile.Integers.Z += scales.Z * IntegerDot.Dot16<TMath>(weights.C, x);
        tile.Integers.W += scales.W * IntegerDot.Dot16<TMath>(weights.D, x);
        return tile;
    }

    /// <summary>Adds the unit's integers to the chain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile EndUnit<TForm, TMath>(RowTile tile, in FourFactors factors, float inputScale, Quad inputSums)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        tile.Chain.X = factors.A.AddTo<TForm, TMath>(tile.Chain.X, tile.Integers.X, inputScale, inputSums);
        tile.Chain.Y = factors.B.AddTo<TForm, TMath>(tile.Chain.Y, tile.Integers.Y, inputScale, inputSums);
        tile.Chain.Z = factors.C.AddTo<TForm, TMath>(tile.Chain.Z, tile.Integers.Z, inputScale, inputSums);
        tile.Chain.W = factors.D.AddTo<TForm, TMath>(tile.Chain.W, tile.Integers.W, inputScale, inputSums);
        tile.Integers = default;
        return tile;
    }

    /// <summary>Adds four products of floats to each chain, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile AddFloats<TMath>(RowTile tile, FloatQuad x, FloatQuad a, FloatQuad b, FloatQuad c, FloatQuad d)
        where TMath : struct, IDeviceMath
    {
        tile.Chain.X = Four<TMath>(tile.Chain.X, a, x);
        tile.Chain.Y = Four<TMath>(tile.Chain.Y, b, x);
        tile.Chain.Z = Four<TMath>(tile.Chain.Z, c, x);
        tile.Chain.W = Four<TMath>(tile.Chain.W, d, x);
        return tile;
    }

    /// <summary>Ends a chain, and with the last chain of a quarter also the quarter.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="chain">Which chain.</param>
    /// <param name="quarter">Chains of a quarter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile EndChain(RowTile tile, int chain, int quarter)
    {
        tile.Quarter = Add(tile.Quarter, tile.Chain);
        tile.Chain = default;
        if ((chain + 1) % quarter == 0)
        {
            if ((chain & quarter) == 0)
            {
                tile.First = tile.Quarter;
            }
            else
            {
                tile.Total = Add(tile.Total, Add(tile.First, tile.Quarter));
            }
            tile.Quarter = default;
        }
        return tile;
    }

    /// <summary>The sums.</summary>
    /// <param name="alone">There was one quarter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FloatQuad Result(bool alone) => alone ? First : Total;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Add(FloatQuad a, FloatQuad b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Four<TMath>(float sum, FloatQuad w, FloatQuad x)
        where TMath : struct, IDeviceMath
    {
        sum = TMath.Fma(w.X, x.X, sum);
        sum = TMath.Fma(w.Y, x.Y, sum);
        sum = TMath.Fma(w.Z, x.Z, sum);
        return TMath.Fma(w.W, x.W, sum);
    }
}
