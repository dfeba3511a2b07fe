using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>F32: two planes of four numbers. Prepared rows of floats lie the same way.</summary>
internal readonly struct FloatForm : IFloatForm
{
    public static int Planes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatUnit Load(ArrayView<Quad> numbers, int at, int stride)
    {
        Quad low = numbers[at];
        Quad high = numbers[at + stride];
        FloatUnit unit = default;
        unit.Low = Floats(low);
        unit.High = Floats(high);
        return unit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Floats(Quad q) => new(KernelMath.Bits(q.X), KernelMath.Bits(q.Y), KernelMath.Bits(q.Z), KernelMath.Bits(q.W));
}
