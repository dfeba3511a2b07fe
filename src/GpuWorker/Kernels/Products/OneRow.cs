using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Two outputs of one row.</summary>
internal struct OneRow : IRowSums<OneRow>
{
    private float _first;
    private float _second;
    private int _firstInteger;
    private int _secondInteger;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneRow AddSlice<TForm, TMath>(
        OneRow sums, in ProductArguments arguments, in CodeSlice first, in CodeSlice second, int slice, int at, int stride, int rowQuads)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        Quad a = arguments.Input[at + (TForm.InputPlane(slice, 0) * stride)];
        Quad b = arguments.Input[at + (TForm.InputPlane(slice, 1) * stride)];
        if (!TForm.HasScales)
        {
            sums._firstInteger += IntegerDot.Dot16<TMath>(first.A, a) + IntegerDot.Dot16<TMath>(first.B, b);
            sums._secondInteger += IntegerDot.Dot16<TMath>(second.A, a) + IntegerDot.Dot16<TMath>(second.B, b);
            return sums;
        }
        Quad c = arguments.Input[at + (TForm.InputPlane(slice, 2) * stride)];
        Quad d = arguments.Input[at + (TForm.InputPlane(slice, 3) * stride)];
        sums._firstInteger += Scaled<TMath>(first, a, b, c, d);
        sums._secondInteger += Scaled<TMath>(second, a, b, c, d);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneRow EndUnit<TForm, TMath>(
        OneRow sums, in ProductArguments arguments, in UnitFactors first, in UnitFactors second, int at, int rowUnits)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        float scale = arguments.InputScales[at];
        Quad inputSums = default;
        if (TForm.HasMinima)
        {
            Quad loaded = arguments.InputSums[at];
            inputSums = loaded;
        }
        sums._first = first.AddTo<TForm, TMath>(sums._first, sums._firstInteger, scale, inputSums);
        sums._second = second.AddTo<TForm, TMath>(sums._second, sums._secondInteger, scale, inputSums);
        sums._firstInteger = 0;
        sums._secondInteger = 0;
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneRow AddFloats<TMath>(
        OneRow sums, in ProductArguments arguments, in FloatUnit first, in FloatUnit second, int at, int stride, int rowQuads)
        where TMath : struct, IDeviceMath
    {
        FloatUnit x = FloatForm.Load(arguments.Input, at, stride);
        sums._first = Eight<TMath>(sums._first, first, x);
        sums._second = Eight<TMath>(sums._second, second, x);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(OneRow sums, ArrayView<float> shared, int at, int stride)
    {
        shared[at] = sums._first;
        shared[at + stride] = sums._second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scaled<TMath>(in CodeSlice w, Quad a, Quad b, Quad c, Quad d)
        where TMath : struct, IDeviceMath =>
        (w.ScaleA * IntegerDot.Dot16<TMath>(w.A, a)) + (w.ScaleB * IntegerDot.Dot16<TMath>(w.B, b))
        + (w.ScaleC * IntegerDot.Dot16<TMath>(w.C, c)) + (w.ScaleD * IntegerDot.Dot16<TMath>(w.D, d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Eight<TMath>(float sum, in FloatUnit w, in FloatUnit x)
        where TMath : struct, IDeviceMath
    {
        sum = TMath.Fma(w.Low.X, x.Low.X, sum);
        sum = TMath.Fma(w.Low.Y, x.Low.Y, sum);
        sum = TMath.Fma(w.Low.Z, x.Low.Z, sum);
        sum = TMath.Fma(w.Low.W, x.Low.W, sum);
        sum = TMath.Fma(w.High.X, x.High.X, sum);
        sum = TMath.Fma(w.High.Y, x.High.Y, sum);
        sum = TMath.Fma(w.High.Z, x.High.Z, sum);
        return TMath.Fma(w.High.W, x.High.W, sum);
    }
}
