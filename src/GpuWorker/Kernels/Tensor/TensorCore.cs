using System.Runtime.CompilerServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Kernels.Tensor;

/// <summary>
/// Products of small matrices by the tensor cores of CUDA devices from compute capability 8.0 on (NVIDIA's PTX ISA, <c>mma.sync</c>). All 32
/// threads of a warp come by together. With <c>g = lane / 4</c> and <c>t = lane % 4</c>, of a product of a 16 x K and a K x 8 matrix a thread holds of
/// the sums rows g and g + 8, columns 2t and 2t + 1: <c>X</c> and <c>Y</c> row g, <c>Z</c> and <c>W</c> row g + 8.
/// </summary>
internal static class TensorCore
{
    /// <summary>Whether a device has these instructions, and those of <see cref="SharedTile"/>.</summary>
    public static bool IsOn(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        return IsOn(accelerator.Device);
    }

    /// <summary>Whether a device has these instructions: CUDA of compute capability 8.0 or newer.</summary>
    public static bool IsOn(Device device) => device is CudaDevice { Architecture.Major: >= 8 };

    /// <summary>16 x 32 times 32 x 8 signed bytes, added to integers; exact.</summary>
    /// <param name="a">X: row g, inputs 4t to 4t + 3; Y: row g + 8, the same; Z: row g, inputs 16 + 4t on; W: row g + 8, the same.</param>
    /// <param name="b">X: column g, inputs 4t to 4t + 3; Y: inputs 16 + 4t on.</param>
    /// <param name="sum">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Bytes32(Quad a, Pair b, Quad sum)
    {
        Ref<int> x = sum.X;
        Ref<int> y = sum.Y;
        Ref<int> z = sum.Z;
        Ref<int> w = sum.W;
        Input<int> a0 = a.X;
        Input<int> a1 = a.Y;
        Input<int> a2 = a.Z;
        Input<int> a3 = a.W;
        Input<int> b0 = b.X;
        Input<int> b1 = b.Y;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref x, ref y, ref z, ref w, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new Quad(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>16 x 16 times 16 x 8 signed bytes, added to integers; exact.</summary>
    /// <param name="a">X: row g, inputs 4t to 4t + 3; Y: row g + 8, the same.</param>
    /// <param name="b">Column g, inputs 4t to 4t + 3.</param>
    /// <param name="sum">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Bytes16(Pair a, int b, Quad sum)
    {
        Ref<int> x = sum.X;
        Ref<int> y = sum.Y;
        Ref<int> z = sum.Z;
        Ref<int> w = sum.W;
        Input<int> a0 = a.X;
        Input<int> a1 = a.Y;
        Input<int> b0 = b;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};",
            ref x, ref y, ref z, ref w, ref a0, ref a1, ref b0);
        return new Quad(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>
    /// 16 x 16 times 16 x 8 halves, added to floats. Products are exact; how the sum is rounded is the device's own matter, and the same for every
    /// row and column.
    /// </summary>
    /// <param name="a">X: row g, inputs 2t and 2t + 1; Y: row g + 8, the same; Z: row g, inputs 8 + 2t on; W: row g + 8, the same.</param>
    /// <param name="b">X: column g, inputs 2t and 2t + 1; Y: inputs 8 + 2t on.</param>
    /// <param name="sum">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Halves16(Quad a, Pair b, FloatQuad sum)
    {
        Ref<float> x = sum.X;
        Ref<float> y = sum.Y;
        Ref<float> z = sum.Z;
        Ref<float> w = sum.W;
        Input<int> a0 = a.X;
        Input<int> a1 = a.Y;
        Input<int> a2 = a.Z;
        Input<int> a3 = a.W;
        Input<int> b0 = b.X;
        Input<int> b1 = b.Y;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref x, ref y, ref z, ref w, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new FloatQuad(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>The same of brain floats; operands as <see cref="Halves16"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Brains16(Quad a, Pair b, FloatQuad sum)
    {
        Ref<float> x = sum.X;
        Ref<float> y = sum.Y;
        Ref<float> z = sum.Z;
        Ref<float> w = sum.W;
        Input<int> a0 = a.X;
        Input<int> a1 = a.Y;
        Input<int> a2 = a.Z;
        Input<int> a3 = a.W;
        Input<int> b0 = b.X;
        Input<int> b1 = b.Y;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref x, ref y, ref z, ref w, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new FloatQuad(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>Two floats as halves, ties to even, the first in the low 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PackHalves(float low, float high)
    {
        CudaAsm.Emit("cvt.rn.f16x2.f32 %0, %1, %2;", out int packed, high, low);
        return packed;
    }

    /// <summary>Two floats as brain floats, ties to even, the first in the low 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PackBrains(float low, float high)
    {
        CudaAsm.Emit("cvt.rn.bf16x2.f32 %0, %1, %2;", out int packed, high, low);
        return packed;
    }
}
