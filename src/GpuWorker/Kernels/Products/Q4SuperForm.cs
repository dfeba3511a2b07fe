using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Q4_K: eight planes; planes 2g and 2g + 1 hold sub-block 2g in low nibbles and 2g + 1 in high ones. Codes are the nibbles.</summary>
internal readonly struct Q4SuperForm : IIntegerForm
{
    public static int Slices => 4;

    public static int Sixteens => 16;

    public static int CodePlanes => 8;

    public static bool HasScales => true;

    public static bool HasMinima => true;

    public static bool SharesScales => true;

    public static int Pieces => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Plane(int slice, int piece) => (2 * slice) + piece;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Expand(Quad first, Quad second, Quad third)
    {
        CodeSlice result = default;
        result.A = CodeBits.Low(first);
        result.B = CodeBits.Low(second);
        result.C = CodeBits.High(first);
        result.D = CodeBits.High(second);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Load(ArrayView<Quad> codes, int at, int stride, int slice, Quad scales)
    {
        Quad first = codes[at + (Plane(slice, 0) * stride)];
        Quad second = codes[at + (Plane(slice, 1) * stride)];
        CodeSlice result = Expand(first, second, second);
        result.ScaleA = CodeBits.SignedByte(scales, 2 * slice);
        result.ScaleB = result.ScaleA;
        result.ScaleC = CodeBits.SignedByte(scales, (2 * slice) + 1);
        result.ScaleD = result.ScaleC;
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int InputPlane(int slice, int sixteen) => (4 * slice) + sixteen;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadSixteen(ArrayView<Quad> codes, int at, int stride, int sixteen)
    {
        Quad q = codes[at + (((sixteen / 4 * 2) + (sixteen & 1)) * stride)];
        return (sixteen & 2) == 0 ? CodeBits.Low(q) : CodeBits.High(q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scale(Quad scales, int sixteen) => CodeBits.SignedByte(scales, sixteen / 2);
}
