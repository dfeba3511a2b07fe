using System.Runtime.CompilerServices;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// 32 rows and 32 outputs of a warp, as the tensor cores leave them: eight tiles of 16 rows and 8 outputs. A thread's four sums of a tile are those of
/// two neighbouring outputs, of row g first and then of row g + 8.
/// </summary>
internal struct WarpTile
{
    /// <summary>First 16 rows, outputs 0 to 7.</summary>
    public RowTile A0;

    /// <summary>First 16 rows, outputs 8 to 15.</summary>
    public RowTile A1;

    /// <summary>First 16 rows, outputs 16 to 23.</summary>
    public RowTile A2;

    /// <summary>First 16 rows, outputs 24 to 31.</summary>
    public RowTile A3;

    /// <summary>Last 16 rows, outputs 0 to 7.</summary>
    public RowTile B0;

    /// <summary>Last 16 rows, outputs 8 to 15.</summary>
    public RowTile B1;

    /// <summary>Last 16 rows, outputs 16 to 23.</summary>
    public RowTile B2;

    /// <summary>Last 16 rows, outputs 24 to 31.</summary>
    public RowTile B3;

    // A float that is added to an integer below 2^22 by adding bits; less itself, what is left is the integer.
    private const float Magic = 12582912f;
    private const int MagicBits = 0x4B400000;

    /// <summary>Ends a chain of all tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpTile EndChain(WarpTile tile, int chain, int quarter)
    {
        tile.A0 = RowTile.EndChain(tile.A0, chain, quarter);
        tile.A1 = RowTile.EndChain(tile.A1, chain, quarter);
        tile.A2 = RowTile.EndChain(tile.A2, chain, quarter);
        tile.A3 = RowTile.EndChain(tile.A3, chain, quarter);
        tile.B0 = RowTile.EndChain(tile.B0, chain, quarter);
        tile.B1 = RowTile.EndChain(tile.B1, chain, quarter);
        tile.B2 = RowTile.EndChain(tile.B2, chain, quarter);
        tile.B3 = RowTile.EndChain(tile.B3, chain, quarter);
        return tile;
    }

    /// <summary>Adds a block of 32 inputs: its integers, and the one float term that they make.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="x">16 rows.</param>
    /// <param name="first">8 outputs, first 16 codes.</param>
    /// <param name="second">Last 16 codes.</param>
    /// <param name="factors">Factors of the two outputs, as bits.</param>
    /// <param name="low">The scale of row g.</param>
    /// <param name="high">The scale of row g + 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile AddBlock<TMath>(RowTile tile, Quad x, int first, int second, Pair factors, float low, float high)
        where TMath : struct, IDeviceMath
    {
        Quad sums = TensorCore.Bytes32(x, new Pair(first, second), new Quad(MagicBits, MagicBits, MagicBits, MagicBits));
        float even = KernelMath.Bits(factors.X);
        float odd = KernelMath.Bits(factors.Y);
        tile.Chain.X = TMath.Fma(KernelMath.Bits(sums.X) - Magic, even * low, tile.Chain.X);
        tile.Chain.Y = TMath.Fma(KernelMath.Bits(sums.Y) - Magic, odd * low, tile.Chain.Y);
        tile.Chain.Z = TMath.Fma(KernelMath.Bits(sums.Z) - Magic, even * high, tile.Chain.Z);
        tile.Chain.W = TMath.Fma(KernelMath.Bits(sums.W) - Magic, odd * high, tile.Chain.W);
        return tile;
    }

    /// <summary>Adds 64 inputs of a super-block to the integers.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="x">16 rows, first 32 inputs.</param>
    /// <param name="y">16 rows, last 32 inputs.</param>
    /// <param name="a">8 outputs, first 16 codes.</param>
    /// <param name="b">Second 16 codes.</param>
    /// <param name="c">Third 16 codes.</param>
    /// <param name="d">Fourth 16 codes.</param>
    /// <param name="scales">Scales of the two outputs, a byte for each 16 codes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile AddSlice<TForm>(RowTile tile, Quad x, Quad y, int a, int b, int c, int d, Pair scales)
        where TForm : struct, IIntegerForm
    {
        if (TForm.SharesScales)
        {
            tile.Integers = AddScaled(tile.Integers, TensorCore.Bytes32(x, new Pair(a, b), default), scales, 0);
            tile.Integers = AddScaled(tile.Integers, TensorCore.Bytes32(y, new Pair(c, d), default), scales, 2);
            return tile;
        }
        tile.Integers = AddScaled(tile.Integers, TensorCore.Bytes16(new Pair(x.X, x.Y), a, default), scales, 0);
        tile.Integers = AddScaled(tile.Integers, TensorCore.Bytes16(new Pair(x.Z, x.W), b, default), scales, 1);
        tile.Integers = AddScaled(tile.Integers, TensorCore.Bytes16(new Pair(y.X, y.Y), c, default), scales, 2);
        tile.Integers = AddScaled(tile.Integers, TensorCore.Bytes16(new Pair(y.Z, y.W), d, default), scales, 3);
        return tile;
    }

    /// <summary>Ends a super-block: the float terms that its integers make.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="even">Factors of the first of the two outputs.</param>
    /// <param name="odd">Factors of the second.</param>
    /// <param name="low">The scale of row g.</param>
    /// <param name="high">The scale of row g + 8.</param>
    /// <param name="lowSums">The sums of row g.</param>
    /// <param name="highSums">The sums of row g + 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowTile EndUnit<TForm, TMath>(
        RowTile tile, in UnitFactors even, in UnitFactors odd, float low, float high, Quad lowSums, Quad highSums)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        tile.Chain.X = even.AddTo<TForm, TMath>(tile.Chain.X, tile.Integers.X, low, lowSums);
        tile.Chain.Y = odd.AddTo<TForm, TMath>(tile.Chain.Y, tile.Integers.Y, low, lowSums);
        tile.Chain.Z = even.AddTo<TForm, TMath>(tile.Chain.Z, tile.Integers.Z, high, highSums);
        tile.Chain.W = odd.AddTo<TForm, TMath>(tile.Chain.W, tile.Integers.W, high, highSums);
        tile.Integers = default;
        return tile;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad AddScaled(Quad integers, Quad sums, Pair scales, int sixteen)
    {
        int even = scales.X << (24 - (8 * sixteen)) >> 24;
        int odd = scales.Y << (24 - (8 * sixteen)) >> 24;
        return new Quad(
            integers.X + (even * sums.X), integers.Y + (odd * sums.Y), integers.Z + (even * sums.Z), integers.W + (odd * sums.W));
    }
}
