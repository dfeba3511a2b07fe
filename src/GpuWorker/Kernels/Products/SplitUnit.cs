using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Eight floats of a row as the parts that tensor cores multiply; a word of a part is two neighbouring inputs.</summary>
internal struct SplitUnit
{
    /// <summary>The numbers nearest to the floats.</summary>
    public Quad First;

    /// <summary>The nearest to what is left.</summary>
    public Quad Second;

    /// <summary>The nearest to what is left then; of two parts not used.</summary>
    public Quad Third;

    /// <summary>Splits a unit.</summary>
    /// <param name="unit">Eight floats.</param>
    /// <param name="inverse">One over the scale of the row's quarter; not used where the form has none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SplitUnit Of<TForm>(FloatUnit unit, float inverse)
        where TForm : struct, ITensorFloatForm
    {
        if (TForm.HasRowScales)
        {
            unit.Low = Times(unit.Low, inverse);
            unit.High = Times(unit.High, inverse);
        }
        SplitUnit result = default;
        result.First = Pack<TForm>(unit);
        unit = Less<TForm>(unit, result.First);
        result.Second = Pack<TForm>(unit);
        if (TForm.Parts == 3)
        {
            result.Third = Pack<TForm>(Less<TForm>(unit, result.Second));
        }
        return result;
    }

    /// <summary>
    /// Adds the products of 32 inputs, eight of each of four chains: the one order of products on tensor cores. The smallest parts come first.
    /// </summary>
    /// <param name="sum">The sums so far.</param>
    /// <param name="low">Row g, the eight inputs of the thread's chain.</param>
    /// <param name="high">Row g + 8.</param>
    /// <param name="weights">Output g, the eight weights of the thread's chain.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Add<TForm>(FloatQuad sum, in SplitUnit low, in SplitUnit high, Quad weights)
        where TForm : struct, ITensorFloatForm
    {
        if (TForm.Parts == 3)
        {
            sum = Add<TForm>(sum, low.Third, high.Third, weights);
        }
        sum = Add<TForm>(sum, low.Second, high.Second, weights);
        return Add<TForm>(sum, low.First, high.First, weights);
    }

    /// <summary>Ends a group of chains: the sums times the scales, which are powers of two.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="low">The scale of row g.</param>
    /// <param name="high">The scale of row g + 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad End<TForm>(FloatQuad sums, float low, float high)
        where TForm : struct, ITensorFloatForm =>
        TForm.HasRowScales ? new FloatQuad(sums.X * low, sums.Y * low, sums.Z * high, sums.W * high) : sums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Add<TForm>(FloatQuad sum, Quad low, Quad high, Quad weights)
        where TForm : struct, ITensorFloatForm
    {
        sum = TForm.Multiply(new Quad(low.X, high.X, low.Y, high.Y), new Pair(weights.X, weights.Y), sum);
        return TForm.Multiply(new Quad(low.Z, high.Z, low.W, high.W), new Pair(weights.Z, weights.W), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Times(FloatQuad x, float factor) => new(x.X * factor, x.Y * factor, x.Z * factor, x.W * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Pack<TForm>(in FloatUnit x)
        where TForm : struct, ITensorFloatForm =>
        new(TForm.Pack(x.Low.X, x.Low.Y), TForm.Pack(x.Low.Z, x.Low.W), TForm.Pack(x.High.X, x.High.Y), TForm.Pack(x.High.Z, x.High.W));

    // What is left is exact.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatUnit Less<TForm>(FloatUnit x, Quad part)
        where TForm : struct, ITensorFloatForm
    {
        x.Low = new FloatQuad(
            x.Low.X - TForm.WidenLow(part.X), x.Low.Y - TForm.WidenHigh(part.X), x.Low.Z - TForm.WidenLow(part.Y), x.Low.W - TForm.WidenHigh(part.Y));
        x.High = new FloatQuad(
            x.High.X - TForm.WidenLow(part.Z), x.High.Y - TForm.WidenHigh(part.Z), x.High.Z - TForm.WidenLow(part.W), x.High.W - TForm.WidenHigh(part.W));
        return x;
    }
}
