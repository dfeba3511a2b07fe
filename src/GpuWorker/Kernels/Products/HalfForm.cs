using System.Runtime.CompilerServices;
using ILGPU;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>F16: one plane of eight numbers.</summary>
internal readonly struct HalfForm : ITensorFloatForm
{
    public static int Planes => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatUnit Load(ArrayView<Quad> numbers, int at, int stride)
    {
        Quad q = numbers[at];
        FloatUnit unit = default;
        unit.Low = Widen(q.X, q.Y);
        unit.High = Widen(q.Z, q.W);
        return unit;
    }

    // 2 x 11 bits of a number that its row's scale has brought below 2^15.
    public static int Parts => 2;

    public static bool HasRowScales => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pack(float low, float high) => TensorCore.PackHalves(low, high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenLow(int packed) => KernelMath.WidenHalf(packed & 0xFFFF);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenHigh(int packed) => KernelMath.WidenHalf((packed >> 16) & 0xFFFF);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Multiply(Quad a, Pair b, FloatQuad sum) => TensorCore.Halves16(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Widen(int a, int b) => new(
        KernelMath.WidenHalf(a & 0xFFFF),
        KernelMath.WidenHalf((a >> 16) & 0xFFFF),
        KernelMath.WidenHalf(b & 0xFFFF),
        KernelMath.WidenHalf((b >> 16) & 0xFFFF));
}
