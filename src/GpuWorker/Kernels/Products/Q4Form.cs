using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Q4_0: one plane; byte j holds inputs j and j + 16, codes are nibbles less 8.</summary>
internal readonly struct Q4Form : IIntegerForm
{
    private const int Offsets = 0x08080808;

    public static int Slices => 1;

    public static int Sixteens => 2;

    public static int CodePlanes => 1;

    public static bool HasScales => false;

    public static bool HasMinima => false;

    public static bool SharesScales => false;

    public static int Pieces => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Plane(int slice, int piece) => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Expand(Quad first, Quad second, Quad third)
    {
        CodeSlice result = default;
        result.A = CodeBits.Less(CodeBits.Low(first), Offsets);
        result.B = CodeBits.Less(CodeBits.High(first), Offsets);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Load(ArrayView<Quad> codes, int at, int stride, int slice, Quad scales)
    {
        Quad q = codes[at];
        return Expand(q, q, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int InputPlane(int slice, int sixteen) => sixteen;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadSixteen(ArrayView<Quad> codes, int at, int stride, int sixteen)
    {
        Quad q = codes[at];
        return CodeBits.Less(sixteen == 0 ? CodeBits.Low(q) : CodeBits.High(q), Offsets);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scale(Quad scales, int sixteen) => 1;
}
