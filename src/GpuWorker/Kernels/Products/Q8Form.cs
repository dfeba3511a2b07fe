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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Load(ArrayView<Quad> codes, int at, int stride, int slice, Quad scales)
    {
        CodeSlice result = default;
        result.A = codes[at];
        result.B = codes[at + stride];
        return result;
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
