using ILGPU;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.Kernels.Suite;

/// <summary>
/// One warp, one product: A and B come from global memory into shared memory, are loaded as the tensor cores take them, and the 16 x 8 sums are
/// stored as rows.
/// </summary>
internal static class TensorKernels
{
    /// <summary>A: 16 rows of two quads; B: 8 columns of two quads.</summary>
    public static void Bytes32(ArrayView<Quad> input, ArrayView<int> output)
    {
        int shared = Stage(input, 48);
        int lane = Group.IdxX;
        Quad a = SharedTile.Load(shared + ((((lane & 15) * 2) + (lane >> 4)) * 16));
        Quad b = SharedTile.Load(shared + ((32 + ((lane & 7) * 2) + ((lane >> 3) & 1)) * 16));
        Store(output, TensorCore.Bytes32(a, new Pair(b.X, b.Y), new Quad(1, 2, 3, 4)));
    }

    /// <summary>A: 16 rows of a quad; B: 8 columns of a quad.</summary>
    public static void Bytes16(ArrayView<Quad> input, ArrayView<int> output)
    {
        int shared = Stage(input, 24);
        Quad loaded = SharedTile.Load(shared + ((Group.IdxX % 24) * 16));
        Store(output, TensorCore.Bytes16(new Pair(loaded.X, loaded.Y), loaded.Z, new Quad(1, 2, 3, 4)));
    }

    /// <summary>A: 16 rows of two quads; B: 8 columns of two quads.</summary>
    public static void Brains16(ArrayView<Quad> input, ArrayView<int> output)
    {
        int shared = Stage(input, 48);
        int lane = Group.IdxX;
        Quad a = SharedTile.Load(shared + ((((lane & 15) * 2) + (lane >> 4)) * 16));
        Quad b = SharedTile.Load(shared + ((32 + ((lane & 7) * 2) + ((lane >> 3) & 1)) * 16));
        Store(output, TensorCore.Brains16(a, new Pair(b.X, b.Y), new FloatQuad(1, 2, 3, 4)));
    }

    /// <summary>A: 16 rows of two quads; B: 16 rows of a quad, transposed by the load.</summary>
    public static void Halves16(ArrayView<Quad> input, ArrayView<int> output)
    {
        int shared = Stage(input, 48);
        int lane = Group.IdxX;
        Quad a = SharedTile.Load(shared + ((((lane & 15) * 2) + (lane >> 4)) * 16));
        Quad b = SharedTile.LoadTransposed(shared + ((32 + (lane & 15)) * 16));
        Store(output, TensorCore.Halves16(a, new Pair(b.X, b.Y), new FloatQuad(1, 2, 3, 4)));
    }

    private static int Stage(ArrayView<Quad> input, int quads)
    {
        ArrayView<Quad> tile = SharedMemory.Allocate<Quad>(48);
        for (int i = Group.IdxX; i < quads; i += Group.DimX)
        {
            Quad loaded = input[i];
            tile[i] = loaded;
        }
        Group.Barrier();
        return SharedTile.Address();
    }

    private static void Store(ArrayView<int> output, FloatQuad sums) => Store(
        output, new Quad((int)sums.X, (int)sums.Y, (int)sums.Z, (int)sums.W));

    private static void Store(ArrayView<int> output, Quad sums)
    {
        int at = (Group.IdxX / 4 * 8) + (Group.IdxX % 4 * 2);
        output[at] = sums.X;
        output[at + 1] = sums.Y;
        output[at + 64] = sums.Z;
        output[at + 65] = sums.W;
    }
}
