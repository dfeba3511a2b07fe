using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>Sixteen neighbouring elements of a row, in registers.</summary>
internal struct Sixteen
{
    private FloatQuad _a;
    private FloatQuad _b;
    private FloatQuad _c;
    private FloatQuad _d;

    /// <summary>Reads a piece of a row; zeros past its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Sixteen Read<TSource>(in PrepareArguments arguments, int row, int piece, float factor)
        where TSource : struct, IRowSource => new()
        {
            _a = ReadQuad<TSource>(arguments, row, piece * 4, factor),
            _b = ReadQuad<TSource>(arguments, row, (piece * 4) + 1, factor),
            _c = ReadQuad<TSource>(arguments, row, (piece * 4) + 2, factor),
            _d = ReadQuad<TSource>(arguments, row, (piece * 4) + 3, factor),
        };

    /// <summary>Reads four elements; zeros past the row's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad ReadQuad<TSource>(in PrepareArguments arguments, int row, int quad, float factor)
        where TSource : struct, IRowSource
    {
        int left = arguments.Width - (quad * 4);
        if (left <= 0)
        {
            return default;
        }
        FloatQuad x = TSource.Read(arguments, row, quad, factor);
        return new FloatQuad(x.X, left > 1 ? x.Y : 0f, left > 2 ? x.Z : 0f, left > 3 ? x.W : 0f);
    }

    /// <summary>The largest magnitude as bits, which order as numbers do and put NaN last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int LargestBits() => IntrinsicMath.Max(
        IntrinsicMath.Max(Largest(_a), Largest(_b)), IntrinsicMath.Max(Largest(_c), Largest(_d)));

    /// <summary>The elements times a factor, as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Quad Round(float factor) => new(Round(_a, factor), Round(_b, factor), Round(_c, factor), Round(_d, factor));

    /// <summary>The sum of 16 signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(Quad codes) => Sum(codes.X) + Sum(codes.Y) + Sum(codes.Z) + Sum(codes.W);

    /// <summary>The largest magnitude of four floats as bits, which order as numbers do and put NaN last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(FloatQuad x) => IntrinsicMath.Max(
        IntrinsicMath.Max(KernelMath.Bits(x.X) & int.MaxValue, KernelMath.Bits(x.Y) & int.MaxValue),
        IntrinsicMath.Max(KernelMath.Bits(x.Z) & int.MaxValue, KernelMath.Bits(x.W) & int.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Sum(int codes) => (codes << 24 >> 24) + (codes << 16 >> 24) + (codes << 8 >> 24) + (codes >> 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Round(FloatQuad x, float factor) =>
        (KernelMath.RoundToByte(x.X * factor) & 255)
        | ((KernelMath.RoundToByte(x.Y * factor) & 255) << 8)
        | ((KernelMath.RoundToByte(x.Z * factor) & 255) << 16)
        | (KernelMath.RoundToByte(x.W * factor) << 24);
}
