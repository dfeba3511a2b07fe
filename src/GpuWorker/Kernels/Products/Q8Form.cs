using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Q8_0: two planes of signed bytes.</summary>
internal readonly struct Q8Form : IIntegerForm
{
    public static int Slices => 1;

    public static int Sixteens => 2;

    public static int CodePlanes => 2;

    public static bool HasScales => false;

    public static bool HasMinima => false;

    public static bool SharesScales => false;

    public static int Pieces => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Plane(int slice, int piece) => piece;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Expand(Quad first, Quad second, Quad third)
    {
        CodeSlice result = default;
        result.A = first;
        result.B = second;
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Load(ArrayView<Quad> codes, int at, int stride, int slice, Quad scales)
    {
        Quad first = codes[at];
        Quad second = codes[at + stride];
        return Expand(first, second, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int InputPlane(int slice, int sixteen) => sixteen;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadSixteen(ArrayView<Quad> codes, int at, int stride, int sixteen)
    {
        Quad q = codes[at + (sixteen * stride)];
        return q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scale(Quad scales, int sixteen) => 1;
}
