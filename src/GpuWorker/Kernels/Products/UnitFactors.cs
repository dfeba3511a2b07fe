using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>A unit's factors in registers.</summary>
internal struct UnitFactors
{
    /// <summary>d.</summary>
    public float Factor;

    /// <summary>dmin, or 0.</summary>
    public float MinimumFactor;

    /// <summary>Scales and minima of sub-blocks.</summary>
    public Quad Scales;

    /// <summary>Loads a unit's factors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UnitFactors Load<TForm>(in WeightViews weights, int unit)
        where TForm : struct, IIntegerForm
    {
        UnitFactors result = default;
        result.Factor = KernelMath.WidenHalf(weights.Factors[unit]);
        if (TForm.HasMinima)
        {
            result.MinimumFactor = KernelMath.WidenHalf(weights.MinimumFactors[unit]);
        }
        if (TForm.HasScales)
        {
            Quad scales = weights.Scales[unit];
            result.Scales = scales;
        }
        return result;
    }

    /// <summary>Adds a unit's integers to a chain: the one rounding of a unit, and a second one for minima.</summary>
    /// <param name="sum">The chain so far.</param>
    /// <param name="integer">Sum of scales times codes times the input's codes.</param>
    /// <param name="inputScale">The input's scale.</param>
    /// <param name="inputSums">Sums of 32 of the input's codes, eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float AddTo<TForm, TMath>(float sum, int integer, float inputScale, Quad inputSums)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        sum = TMath.Fma(integer, Factor * inputScale, sum);
        return TForm.HasMinima ? TMath.Fma(Minima(Scales, inputSums), MinimumFactor * -inputScale, sum) : sum;
    }

    /// <summary>Sum of minima times sums of codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Minima(Quad scales, Quad sums) =>
        Four(scales.Z, sums.X, sums.Y) + Four(scales.W, sums.Z, sums.W);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Four(int minima, int low, int high) =>
        ((minima & 255) * (low << 16 >> 16))
        + (((minima >> 8) & 255) * (low >> 16))
        + (((minima >> 16) & 255) * (high << 16 >> 16))
        + (((minima >> 24) & 255) * (high >> 16));
}
