using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Experts;

// purpose    Brings the results of the same expert together, so that tiles of them share its weights.
// formula    a stable sort of results by expert, cut in tiles of 64 that never hold two experts.
// shapes     chosen and order: results; tiles: results / 64 + experts.
// layout     expert e's tiles begin at start(e) / 64 + e, which leaves room for all tiles before; tiles without results have a count of 0.
// launch     one group of 256 an expert; a thread looks at a contiguous share of the results, twice.
// cost       2 results reads an expert, from the cache; shared memory 2 KiB.
// numerics   integers.
// versions   v1 this. Times: not measured, no device.

/// <summary>The kernel that sorts results by expert.</summary>
internal static class GroupKernel
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Results of a tile.</summary>
    public const int Tile = 64;

    /// <summary>Sorts and cuts.</summary>
    [Kernel("group_experts_i32")]
    public static void Run(GroupArguments arguments)
    {
        ArrayView<int> own = SharedMemory.Allocate<int>(Threads);
        ArrayView<int> lower = SharedMemory.Allocate<int>(Threads);
        int expert = Grid.IdxX;
        int thread = Group.IdxX;
        int share = (arguments.Results + Threads - 1) / Threads;
        int first = thread * share;
        int end = IntrinsicMath.Min(first + share, arguments.Results);
        int mine = 0;
        int below = 0;
        for (int result = first; result < end; result++)
        {
            int chosen = arguments.Chosen[result];
            mine += chosen == expert ? 1 : 0;
            below += chosen < expert ? 1 : 0;
        }
        own[thread] = mine;
        lower[thread] = below;
        Group.Barrier();
        int start = 0;
        int count = 0;
        int before = 0;
        for (int i = 0; i < Threads; i++)
        {
            start += lower[i];
            before += i < thread ? own[i] : 0;
            count += own[i];
        }
        int place = start + before;
        for (int result = first; result < end; result++)
        {
            if (arguments.Chosen[result] == expert)
            {
                arguments.Order[place] = result;
                place++;
            }
        }
        WriteTiles(arguments, expert, start, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteTiles(in GroupArguments arguments, int expert, int start, int count)
    {
        int firstTile = (start / Tile) + expert;
        int endTile = ((start + count) / Tile) + expert + 1;
        for (int tile = firstTile + Group.IdxX; tile < endTile; tile += Threads)
        {
            int done = (tile - firstTile) * Tile;
            int left = IntrinsicMath.Max(0, IntrinsicMath.Min(Tile, count - done));
            arguments.Tiles[tile] = new Quad(expert, start + done, left, 0);
        }
    }
}
