using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// Q6_K: eight planes of nibbles, then four of pairs, as the file has them. In each half of 128 inputs, nibble planes 0 and 1 hold sub-blocks of
/// 32 number 0 and 2, planes 2 and 3 number 1 and 3; a pair plane holds the top bits of all four. Codes are less 32.
/// </summary>
internal readonly struct Q6SuperForm : IIntegerForm
{
    private const int Offsets = 0x20202020;

    public static int Slices => 4;

    public static int Sixteens => 16;

    public static int CodePlanes => 12;

    public static bool HasScales => true;

    public static bool HasMinima => false;

    public static bool SharesScales => false;

    public static int Pieces => 3;

    // A slice is one half of 16 lanes of every sub-block of 128 inputs: slice = 2 * which 128 + which 16 of 32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Plane(int slice, int piece) => piece == 2 ? 8 + slice : (4 * (slice >> 1)) + (2 * piece) + (slice & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Expand(Quad first, Quad second, Quad third)
    {
        CodeSlice result = default;
        result.A = CodeBits.Less(CodeBits.WithPairs(CodeBits.Low(first), third, 0), Offsets);
        result.B = CodeBits.Less(CodeBits.WithPairs(CodeBits.Low(second), third, 2), Offsets);
        result.C = CodeBits.Less(CodeBits.WithPairs(CodeBits.High(first), third, 4), Offsets);
        result.D = CodeBits.Less(CodeBits.WithPairs(CodeBits.High(second), third, 6), Offsets);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodeSlice Load(ArrayView<Quad> codes, int at, int stride, int slice, Quad scales)
    {
        Quad first = codes[at + (Plane(slice, 0) * stride)];
        Quad second = codes[at + (Plane(slice, 1) * stride)];
        Quad third = codes[at + (Plane(slice, 2) * stride)];
        CodeSlice result = Expand(first, second, third);
        result.ScaleA = CodeBits.SignedByte(scales, InputPlane(slice, 0));
        result.ScaleB = CodeBits.SignedByte(scales, InputPlane(slice, 1));
        result.ScaleC = CodeBits.SignedByte(scales, InputPlane(slice, 2));
        result.ScaleD = CodeBits.SignedByte(scales, InputPlane(slice, 3));
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int InputPlane(int slice, int sixteen) => (8 * (slice >> 1)) + (2 * sixteen) + (slice & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadSixteen(ArrayView<Quad> codes, int at, int stride, int sixteen)
    {
        int half = sixteen >> 3;
        int sub = (sixteen >> 1) & 3;
        int part = sixteen & 1;
        Quad nibbles = codes[at + (((4 * half) + (2 * (sub & 1)) + part) * stride)];
        Quad pairs = codes[at + ((8 + (2 * half) + part) * stride)];
        Quad low = (sub & 2) == 0 ? CodeBits.Low(nibbles) : CodeBits.High(nibbles);
        return CodeBits.Less(CodeBits.WithPairs(low, pairs, 2 * sub), Offsets);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Scale(Quad scales, int sixteen) => CodeBits.SignedByte(scales, sixteen);
}
