using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>F16: one plane of eight numbers.</summary>
internal readonly struct HalfForm : IFloatForm
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Widen(int a, int b) => new(
        KernelMath.WidenHalf(a & 0xFFFF),
        KernelMath.WidenHalf((a >> 16) & 0xFFFF),
        KernelMath.WidenHalf(b & 0xFFFF),
        KernelMath.WidenHalf((b >> 16) & 0xFFFF));
}
