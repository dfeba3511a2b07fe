using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Two outputs of twice as many rows.</summary>
/// <typeparam name="TRows">Half of them.</typeparam>
internal struct TwiceRows<TRows> : IRowSums<TwiceRows<TRows>>
    where TRows : unmanaged, IRowSums<TRows>
{
    private TRows _low;
    private TRows _high;

    public static int Rows => 2 * TRows.Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceRows<TRows> AddSlice<TForm, TMath>(
        TwiceRows<TRows> sums, in ProductArguments arguments, in CodeSlice first, in CodeSlice second, int slice, int at, int stride, int rowQuads)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        int next = at + (TRows.Rows * rowQuads);
        sums._low = TRows.AddSlice<TForm, TMath>(sums._low, arguments, first, second, slice, at, stride, rowQuads);
        sums._high = TRows.AddSlice<TForm, TMath>(sums._high, arguments, first, second, slice, next, stride, rowQuads);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceRows<TRows> EndUnit<TForm, TMath>(
        TwiceRows<TRows> sums, in ProductArguments arguments, in UnitFactors first, in UnitFactors second, int at, int rowUnits)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        sums._low = TRows.EndUnit<TForm, TMath>(sums._low, arguments, first, second, at, rowUnits);
        sums._high = TRows.EndUnit<TForm, TMath>(sums._high, arguments, first, second, at + (TRows.Rows * rowUnits), rowUnits);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceRows<TRows> AddFloats<TMath>(
        TwiceRows<TRows> sums, in ProductArguments arguments, in FloatUnit first, in FloatUnit second, int at, int stride, int rowQuads)
        where TMath : struct, IDeviceMath
    {
        sums._low = TRows.AddFloats<TMath>(sums._low, arguments, first, second, at, stride, rowQuads);
        sums._high = TRows.AddFloats<TMath>(sums._high, arguments, first, second, at + (TRows.Rows * rowQuads), stride, rowQuads);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TwiceRows<TRows> sums, ArrayView<float> shared, int at, int stride)
    {
        TRows.Store(sums._low, shared, at, stride);
        TRows.Store(sums._high, shared, at + (2 * TRows.Rows * stride), stride);
    }
}
