using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

// purpose    Products of many rows with a matrix of halves or brain floats by tensor cores; CUDA of capability 8.0 or newer.
// formula    y[t][n] = (q0 + q1) + (q2 + q3), q = two groups, a group = four chains side by side, 32 inputs a step, by parts; see SplitUnit.
// shapes     weights N x K, prepared rows T x K, y T x N, or N / 2 where gate and up are neighbours.
// layout     weights and rows by unit position, planes of 16 bytes; in shared memory the four chains of an output or row side by side, part by part.
// launch     groups of 256: 8 warps of 32 rows x 32 outputs each; grid: outputs / 128, rows / 64. One barrier per 32 inputs, two stages.
// cost       2 T N K operations, 2 or 3 times on tensor cores; intensity 43 a byte; no local memory; 32 (halves) or 40 KiB shared.
// numerics   parts of floats exact (brain floats) or to 2^-22 (halves); sums as mma.sync makes them; equal to TensorFewFloats bit for bit.
// versions   v3 of the tiles: mma.sync, the next stage loaded while this one is computed; v1 and v2 were ManyRows. Times: not measured, no device.

/// <summary>Kernels for many rows of floats on tensor cores; <see cref="TensorFewFloats"/> gives the same bits.</summary>
internal static class TensorFloats
{
    private const int Chains = TensorFewFloats.GroupChains;
    private const int PartQuads = TensorRows.Rows * Chains;
    private const int WeightQuads = TensorRows.Outputs * Chains;

    /// <summary>Products of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TForm, TRows>(in ProductArguments arguments)
        where TForm : struct, ITensorFloatForm
        where TRows : struct, ITileRows
    {
        ArrayView<Quad> tile = SharedMemory.Allocate<Quad>(2 * ((TForm.Parts * PartQuads) + WeightQuads));
        if (TRows.Count(arguments) <= 0)
        {
            return; // all of the group: a tile without results
        }
        int row = TRows.Input(arguments, Group.IdxX / Chains);
        int output = (Grid.IdxX * TensorRows.Outputs) + (Group.IdxX / Chains);
        int last = arguments.Outputs - 1;
        int matrix = TRows.Matrix(arguments);
        int first = matrix + IntrinsicMath.Min(output, last);
        int second = matrix + IntrinsicMath.Min(output + (TensorRows.Outputs / 2), last);
        FloatStage next = FloatStage.Load(arguments, row, first, second, 0, 0);
        next.Store<TForm>(tile, 0);
        Group.Barrier();
        WarpTile sums = default;
        int at = 0;
        for (int group = 0; group < arguments.Layout.Chains / Chains; group++)
        {
            for (int step = 0; step < arguments.Layout.Steps; step++)
            {
                bool isLast = step == arguments.Layout.Steps - 1;
                next = FloatStage.Load(arguments, row, first, second, isLast ? group + 1 : group, isLast ? 0 : step + 1);
                sums = Add<TForm>(sums, tile, at);
                at = ((TForm.Parts * PartQuads) + WeightQuads) - at;
                next.Store<TForm>(tile, at);
                Group.Barrier();
            }
            sums = Scale<TForm, TRows>(arguments, sums, group / TensorFewFloats.Quarter);
            sums = WarpTile.EndChain(sums, group, TensorFewFloats.Quarter);
        }
        TensorRows.Store<TRows>(arguments, sums, TensorFewFloats.Quarter * Chains);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WarpTile Add<TForm>(WarpTile sums, ArrayView<Quad> tile, int at)
        where TForm : struct, ITensorFloatForm
    {
        int row = at + (TensorRows.RowOfThread() * Chains) + (Group.IdxX % Chains);
        int output = at + (TForm.Parts * PartQuads) + (((Group.IdxX / 64 * 32) + (Group.IdxX % 32 / 4)) * Chains) + (Group.IdxX % Chains);
        Quad w0 = tile[output];
        Quad w1 = tile[output + (8 * Chains)];
        Quad w2 = tile[output + (16 * Chains)];
        Quad w3 = tile[output + (24 * Chains)];
        SplitUnit low = Read<TForm>(tile, row);
        SplitUnit high = Read<TForm>(tile, row + (8 * Chains));
        sums.A0.Chain = SplitUnit.Add<TForm>(sums.A0.Chain, low, high, w0);
        sums.A1.Chain = SplitUnit.Add<TForm>(sums.A1.Chain, low, high, w1);
        sums.A2.Chain = SplitUnit.Add<TForm>(sums.A2.Chain, low, high, w2);
        sums.A3.Chain = SplitUnit.Add<TForm>(sums.A3.Chain, low, high, w3);
        low = Read<TForm>(tile, row + (16 * Chains));
        high = Read<TForm>(tile, row + (24 * Chains));
        sums.B0.Chain = SplitUnit.Add<TForm>(sums.B0.Chain, low, high, w0);
        sums.B1.Chain = SplitUnit.Add<TForm>(sums.B1.Chain, low, high, w1);
        sums.B2.Chain = SplitUnit.Add<TForm>(sums.B2.Chain, low, high, w2);
        sums.B3.Chain = SplitUnit.Add<TForm>(sums.B3.Chain, low, high, w3);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SplitUnit Read<TForm>(ArrayView<Quad> tile, int at)
        where TForm : struct, ITensorFloatForm
    {
        SplitUnit result = default;
        result.First = tile[at];
        result.Second = tile[at + PartQuads];
        if (TForm.Parts == 3)
        {
            result.Third = tile[at + (2 * PartQuads)];
        }
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WarpTile Scale<TForm, TRows>(in ProductArguments arguments, WarpTile sums, int quarter)
        where TForm : struct, ITensorFloatForm
        where TRows : struct, ITileRows
    {
        int row = TensorRows.RowOfThread();
        float low = RowScale<TRows>(arguments, row, quarter);
        float high = RowScale<TRows>(arguments, row + 8, quarter);
        sums.A0.Chain = SplitUnit.End<TForm>(sums.A0.Chain, low, high);
        sums.A1.Chain = SplitUnit.End<TForm>(sums.A1.Chain, low, high);
        sums.A2.Chain = SplitUnit.End<TForm>(sums.A2.Chain, low, high);
        sums.A3.Chain = SplitUnit.End<TForm>(sums.A3.Chain, low, high);
        low = RowScale<TRows>(arguments, row + 16, quarter);
        high = RowScale<TRows>(arguments, row + 24, quarter);
        sums.B0.Chain = SplitUnit.End<TForm>(sums.B0.Chain, low, high);
        sums.B1.Chain = SplitUnit.End<TForm>(sums.B1.Chain, low, high);
        sums.B2.Chain = SplitUnit.End<TForm>(sums.B2.Chain, low, high);
        sums.B3.Chain = SplitUnit.End<TForm>(sums.B3.Chain, low, high);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float RowScale<TRows>(in ProductArguments arguments, int row, int quarter)
        where TRows : struct, ITileRows => arguments.InputScales[(TRows.Input(arguments, row) * ChainLayout.Quarters) + quarter];
}
