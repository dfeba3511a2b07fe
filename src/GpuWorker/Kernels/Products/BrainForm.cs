using System.Runtime.CompilerServices;
using ILGPU;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>BF16: one plane of eight numbers.</summary>
internal readonly struct BrainForm : ITensorFloatForm
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

    // 3 x 8 bits: every float exactly.
    public static int Parts => 3;

    public static bool HasRowScales => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pack(float low, float high) => TensorCore.PackBrains(low, high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenLow(int packed) => KernelMath.WidenBrain(packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenHigh(int packed) => KernelMath.Bits(packed & unchecked((int)0xFFFF0000));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Multiply(Quad a, Pair b, FloatQuad sum) => TensorCore.Brains16(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Widen(int a, int b) => new(
        KernelMath.WidenBrain(a & 0xFFFF),
        KernelMath.WidenBrain((a >> 16) & 0xFFFF),
        KernelMath.WidenBrain(b & 0xFFFF),
        KernelMath.WidenBrain((b >> 16) & 0xFFFF));
}
