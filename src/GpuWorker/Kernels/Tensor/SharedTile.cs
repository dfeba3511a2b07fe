using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Kernels.Tensor;

/// <summary>
/// Shared memory by address, for CUDA devices from compute capability 8.0 on: loads of what <see cref="TensorCore"/> takes. A kernel that uses
/// this allocates shared memory once, as <see cref="Quad"/>s, and cuts it itself: the address below is that of its only array.
/// </summary>
/// <remarks>
/// There is no <c>cp.async</c>: NVIDIA's assembler leaves every operand of inline PTX in local memory in a function that has one. Kernels load
/// the next stage into registers while they compute this one.
/// </remarks>
internal static class SharedTile
{
    /// <summary>The address of the kernel's shared memory; quad i lies 16 i further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Address()
    {
        CudaAsm.Emit("mov.u32 %0, __shared_alloca0;", out int address);
        return address;
    }

    /// <summary>
    /// Loads four matrices of 8 rows of 16 bytes. Field i of the result is four bytes of matrix i: of row <c>lane / 4</c>, from byte
    /// <c>4 (lane % 4)</c> on.
    /// </summary>
    /// <param name="row">Address of a row, a multiple of 16: lane 8 i + r gives that of row r of matrix i.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(int row)
    {
        Output<int> x = default;
        Output<int> y = default;
        Output<int> z = default;
        Output<int> w = default;
        Input<int> address = row;
        CudaAsm.EmitRef(
            "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];", ref x, ref y, ref z, ref w, ref address);
        return new Quad(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>
    /// The same of matrices of 16-bit numbers, transposed: field i of the result is, of matrix i, column <c>lane / 4</c> of rows
    /// <c>2 (lane % 4)</c> and the next.
    /// </summary>
    /// <param name="row">Address of a row, as for <see cref="Load"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadTransposed(int row)
    {
        Output<int> x = default;
        Output<int> y = default;
        Output<int> z = default;
        Output<int> w = default;
        Input<int> address = row;
        CudaAsm.EmitRef(
            "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];", ref x, ref y, ref z, ref w, ref address);
        return new Quad(x.Value, y.Value, z.Value, w.Value);
    }
}
