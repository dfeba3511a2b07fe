using System.Runtime.CompilerServices;
using ILGPU;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.GpuWorker.Kernels.Products;

// purpose    Products of many rows with a matrix of integers by tensor cores; CUDA of capability 8.0 or newer.
// formula    y[t][n] = (q0 + q1) + (q2 + q3), q = sum of chains, chain = sum of unit(n) . unit(t), in order; see ChainLayout and UnitFactors.
// shapes     weights N x K, prepared rows T x K, y T x N, or N / 2 where gate and up are neighbours.
// layout     weights and rows by unit position, planes of 16 bytes; in shared memory plane by plane, so that eight rows of one load lie side by side.
// launch     groups of 256: 8 warps of 32 rows x 32 outputs each; grid: outputs / 128, rows / 64. One barrier per 64 inputs, two stages.
// cost       2 T N K operations; (N T / 64) K weight + (N T / 128) K row bytes; intensity 85 a byte; no local memory; 32 KiB shared.
// numerics   integers exact, one float32 term a unit (two with minima), units walked in the order of the chains; equal to FewRows bit for bit.
// versions   v3 of the tiles: mma.sync in place of dp4a, the next stage loaded while this one is computed. Times: not measured, no device.

/// <summary>Kernels for many rows on tensor cores; few-row kernels and portable tiles give the same bits.</summary>
internal static class TensorRows
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Rows of a group.</summary>
    public const int Rows = ManyRows.Tile;

    /// <summary>Outputs of a group.</summary>
    public const int Outputs = 128;

    private const int WarpRows = 32;
    private const int WarpOutputs = 32;
    private const int Quarter = ChainLayout.IntegerChains / ChainLayout.Quarters;

    /// <summary>Blocks of 32: two a stage, of which the last may not be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks<TForm, TMath, TRows>(in ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows
    {
        ArrayView<Quad> tile = SharedMemory.Allocate<Quad>(2 * TensorStage.Quads);
        if (TRows.Count(arguments) <= 0)
        {
            return; // all of the group: a tile without results
        }
        int row = TRows.Input(arguments, Group.IdxX % Rows);
        int output = TRows.Matrix(arguments) + IntrinsicMath.Min((Grid.IdxX * Outputs) + (Group.IdxX % Outputs), arguments.Outputs - 1);
        UnitCursor low = UnitCursor.First(arguments.Layout);
        UnitCursor high = UnitCursor.Next(low, arguments.Layout);
        TensorStage.LoadBlocks<TForm>(arguments, row, output, low.Place(arguments.Layout), high.Place(arguments.Layout)).StoreBlocks<TForm>(tile, 0);
        Group.Barrier();
        WarpTile sums = default;
        int chain = 0;
        int chainEnd = arguments.Layout.Start(1);
        int at = 0;
        for (int first = 0; first <= arguments.Layout.Units; first += 2)
        {
            low = UnitCursor.Next(high, arguments.Layout);
            high = UnitCursor.Next(low, arguments.Layout);
            TensorStage next = TensorStage.LoadBlocks<TForm>(arguments, row, output, low.Place(arguments.Layout), high.Place(arguments.Layout));
            for (int half = 0; half < 2; half++)
            {
                while (chain < arguments.Layout.Chains && first + half == chainEnd)
                {
                    sums = WarpTile.EndChain(sums, chain, Quarter);
                    chain++;
                    chainEnd = arguments.Layout.Start(chain + 1);
                }
                if (first + half < arguments.Layout.Units)
                {
                    sums = AddBlock<TForm, TMath>(sums, tile, at, half);
                }
            }
            at = TensorStage.Quads - at;
            next.StoreBlocks<TForm>(tile, at);
            Group.Barrier();
        }
        Store<TRows>(arguments, sums, Quarter);
    }

    /// <summary>Super-blocks: a quarter a stage.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SuperBlocks<TForm, TMath, TRows>(in ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows
    {
        ArrayView<Quad> tile = SharedMemory.Allocate<Quad>(2 * TensorStage.Quads);
        if (TRows.Count(arguments) <= 0)
        {
            return; // all of the group: a tile without results
        }
        int row = TRows.Input(arguments, Group.IdxX % Rows);
        int output = TRows.Matrix(arguments) + IntrinsicMath.Min((Grid.IdxX * Outputs) + (Group.IdxX % Outputs), arguments.Outputs - 1);
        UnitCursor cursor = UnitCursor.First(arguments.Layout);
        TensorStage.LoadSlice<TForm>(arguments, row, output, cursor.Place(arguments.Layout), 0).StoreSlice<TForm>(tile, 0, 0);
        Group.Barrier();
        WarpTile sums = default;
        int chain = 0;
        int chainEnd = arguments.Layout.Start(1);
        int at = 0;
        for (int stage = 0; stage <= arguments.Layout.Units * TForm.Slices; stage++)
        {
            int slice = stage & 3;
            int nextSlice = (stage + 1) & 3;
            if (nextSlice == 0)
            {
                cursor = UnitCursor.Next(cursor, arguments.Layout);
            }
            TensorStage next = TensorStage.LoadSlice<TForm>(arguments, row, output, cursor.Place(arguments.Layout), nextSlice);
            while (slice == 0 && chain < arguments.Layout.Chains && stage / 4 == chainEnd)
            {
                sums = WarpTile.EndChain(sums, chain, Quarter);
                chain++;
                chainEnd = arguments.Layout.Start(chain + 1);
            }
            if (stage < arguments.Layout.Units * TForm.Slices)
            {
                sums = AddSlice<TForm>(sums, tile, at);
                if (slice == 3)
                {
                    sums = EndUnit<TForm, TMath>(sums, tile, at);
                }
            }
            at = TensorStage.Quads - at;
            next.StoreSlice<TForm>(tile, at, nextSlice);
            Group.Barrier();
        }
        Store<TRows>(arguments, sums, Quarter);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WarpTile AddBlock<TForm, TMath>(WarpTile sums, ArrayView<Quad> tile, int at, int half)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        Quad a = LoadRows(at, 2 * half, 0);
        Quad b = LoadRows(at, 2 * half, 16);
        Quad first = LoadOutputs(at, half * TForm.Pieces);
        Quad second = TForm.Pieces == 2 ? LoadOutputs(at, (half * 2) + 1) : first;
        CodeSlice w = TForm.Expand(first, second, second);
        ArrayView<Pair> pairs = tile.Cast<Pair>();
        ArrayView<float> floats = tile.Cast<float>();
        int output = ((at + TensorStage.Factors) * 2) + (half * Outputs / 2) + (OutputOfThread() / 2);
        int row = ((at + TensorStage.RowScales) * 4) + (half * Rows) + RowOfThread();
        Pair d0 = pairs[output];
        Pair d1 = pairs[output + 4];
        Pair d2 = pairs[output + 8];
        Pair d3 = pairs[output + 12];
        float r0 = floats[row];
        float r1 = floats[row + 8];
        float r2 = floats[row + 16];
        float r3 = floats[row + 24];
        sums.A0 = WarpTile.AddBlock<TMath>(sums.A0, a, w.A.X, w.B.X, d0, r0, r1);
        sums.A1 = WarpTile.AddBlock<TMath>(sums.A1, a, w.A.Y, w.B.Y, d1, r0, r1);
        sums.A2 = WarpTile.AddBlock<TMath>(sums.A2, a, w.A.Z, w.B.Z, d2, r0, r1);
        sums.A3 = WarpTile.AddBlock<TMath>(sums.A3, a, w.A.W, w.B.W, d3, r0, r1);
        sums.B0 = WarpTile.AddBlock<TMath>(sums.B0, b, w.A.X, w.B.X, d0, r2, r3);
        sums.B1 = WarpTile.AddBlock<TMath>(sums.B1, b, w.A.Y, w.B.Y, d1, r2, r3);
        sums.B2 = WarpTile.AddBlock<TMath>(sums.B2, b, w.A.Z, w.B.Z, d2, r2, r3);
        sums.B3 = WarpTile.AddBlock<TMath>(sums.B3, b, w.A.W, w.B.W, d3, r2, r3);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WarpTile AddSlice<TForm>(WarpTile sums, ArrayView<Quad> tile, int at)
        where TForm : struct, IIntegerForm
    {
        Quad a = LoadRows(at, 0, 0);
        Quad b = LoadRows(at, 0, 16);
        Quad c = LoadRows(at, 2, 0);
        Quad d = LoadRows(at, 2, 16);
        Quad second = LoadOutputs(at, 1);
        CodeSlice w = TForm.Expand(LoadOutputs(at, 0), second, TForm.Pieces == 3 ? LoadOutputs(at, 2) : second);
        ArrayView<Pair> pairs = tile.Cast<Pair>();
        int output = ((at + TensorStage.Factors) * 2) + (OutputOfThread() / 2);
        Pair s0 = pairs[output];
        Pair s1 = pairs[output + 4];
        Pair s2 = pairs[output + 8];
        Pair s3 = pairs[output + 12];
        sums.A0 = WarpTile.AddSlice<TForm>(sums.A0, a, c, w.A.X, w.B.X, w.C.X, w.D.X, s0);
        sums.A1 = WarpTile.AddSlice<TForm>(sums.A1, a, c, w.A.Y, w.B.Y, w.C.Y, w.D.Y, s1);
        sums.A2 = WarpTile.AddSlice<TForm>(sums.A2, a, c, w.A.Z, w.B.Z, w.C.Z, w.D.Z, s2);
        sums.A3 = WarpTile.AddSlice<TForm>(sums.A3, a, c, w.A.W, w.B.W, w.C.W, w.D.W, s3);
        sums.B0 = WarpTile.AddSlice<TForm>(sums.B0, b, d, w.A.X, w.B.X, w.C.X, w.D.X, s0);
        sums.B1 = WarpTile.AddSlice<TForm>(sums.B1, b, d, w.A.Y, w.B.Y, w.C.Y, w.D.Y, s1);
        sums.B2 = WarpTile.AddSlice<TForm>(sums.B2, b, d, w.A.Z, w.B.Z, w.C.Z, w.D.Z, s2);
        sums.B3 = WarpTile.AddSlice<TForm>(sums.B3, b, d, w.A.W, w.B.W, w.C.W, w.D.W, s3);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WarpTile EndUnit<TForm, TMath>(WarpTile sums, ArrayView<Quad> tile, int at)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
    {
        ArrayView<float> floats = tile.Cast<float>();
        int row = RowOfThread();
        int scale = ((at + TensorStage.RowScales) * 4) + row;
        int sum = at + TensorStage.OutputFactors + Outputs + row;
        float r0 = floats[scale];
        float r1 = floats[scale + 8];
        float r2 = floats[scale + 16];
        float r3 = floats[scale + 24];
        Quad s0 = tile[sum];
        Quad s1 = tile[sum + 8];
        Quad s2 = tile[sum + 16];
        Quad s3 = tile[sum + 24];
        int output = at + TensorStage.OutputFactors + OutputOfThread();
        UnitFactors even = Factors(tile[output]);
        UnitFactors odd = Factors(tile[output + 1]);
        sums.A0 = WarpTile.EndUnit<TForm, TMath>(sums.A0, even, odd, r0, r1, s0, s1);
        sums.B0 = WarpTile.EndUnit<TForm, TMath>(sums.B0, even, odd, r2, r3, s2, s3);
        even = Factors(tile[output + 8]);
        odd = Factors(tile[output + 9]);
        sums.A1 = WarpTile.EndUnit<TForm, TMath>(sums.A1, even, odd, r0, r1, s0, s1);
        sums.B1 = WarpTile.EndUnit<TForm, TMath>(sums.B1, even, odd, r2, r3, s2, s3);
        even = Factors(tile[output + 16]);
        odd = Factors(tile[output + 17]);
        sums.A2 = WarpTile.EndUnit<TForm, TMath>(sums.A2, even, odd, r0, r1, s0, s1);
        sums.B2 = WarpTile.EndUnit<TForm, TMath>(sums.B2, even, odd, r2, r3, s2, s3);
        even = Factors(tile[output + 24]);
        odd = Factors(tile[output + 25]);
        sums.A3 = WarpTile.EndUnit<TForm, TMath>(sums.A3, even, odd, r0, r1, s0, s1);
        sums.B3 = WarpTile.EndUnit<TForm, TMath>(sums.B3, even, odd, r2, r3, s2, s3);
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UnitFactors Factors(Quad loaded)
    {
        UnitFactors factors = default;
        factors.Factor = KernelMath.Bits(loaded.X);
        factors.MinimumFactor = KernelMath.Bits(loaded.Y);
        factors.Scales = loaded;
        return factors;
    }

    // 16 rows of two planes, as the tensor cores take them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad LoadRows(int at, int plane, int row)
    {
        int lane = Group.IdxX % 32;
        int slot = at + ((plane + (lane / 16)) * Rows) + (Group.IdxX / 32 % 2 * WarpRows) + row + (lane % 16);
        return SharedTile.Load(SharedTile.Address() + (16 * slot));
    }

    // 32 outputs of a plane: field i has words of outputs 8 i to 8 i + 7.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad LoadOutputs(int at, int plane)
    {
        int slot = at + TensorStage.Weights + (plane * Outputs) + (Group.IdxX / 64 * WarpOutputs) + (Group.IdxX % 32);
        return SharedTile.Load(SharedTile.Address() + (16 * slot));
    }

    /// <summary>The first of a thread's rows in its group's tile; the others are 8, 16 and 24 further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowOfThread() => (Group.IdxX / 32 % 2 * WarpRows) + (Group.IdxX % 32 / 4);

    // The first of a thread's pairs of outputs in its group's tile; the others are 8, 16 and 24 further.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int OutputOfThread() => (Group.IdxX / 64 * WarpOutputs) + (Group.IdxX % 4 * 2);

    /// <summary>Finishes what a warp has.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="sums">The sums.</param>
    /// <param name="quarter">Chains of a quarter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TRows>(in ProductArguments arguments, in WarpTile sums, int quarter)
        where TRows : struct, ITileRows
    {
        int row = RowOfThread();
        bool alone = arguments.Layout.Chains == quarter;
        StoreRow<TRows>(arguments, row, 0, sums.A0.Result(alone));
        StoreRow<TRows>(arguments, row, 8, sums.A1.Result(alone));
        StoreRow<TRows>(arguments, row, 16, sums.A2.Result(alone));
        StoreRow<TRows>(arguments, row, 24, sums.A3.Result(alone));
        StoreRow<TRows>(arguments, row + 16, 0, sums.B0.Result(alone));
        StoreRow<TRows>(arguments, row + 16, 8, sums.B1.Result(alone));
        StoreRow<TRows>(arguments, row + 16, 16, sums.B2.Result(alone));
        StoreRow<TRows>(arguments, row + 16, 24, sums.B3.Result(alone));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TRows>(in ProductArguments arguments, int row, int output, FloatQuad totals)
        where TRows : struct, ITileRows
    {
        int count = TRows.Count(arguments);
        int matrix = TRows.Matrix(arguments);
        int first = (Grid.IdxX * Outputs) + OutputOfThread() + output;
        if (row < count)
        {
            ProductOutput.StorePair(arguments, matrix, TRows.Output(arguments, row), first, totals.X, totals.Y);
        }
        if (row + 8 < count)
        {
            ProductOutput.StorePair(arguments, matrix, TRows.Output(arguments, row + 8), first, totals.Z, totals.W);
        }
    }
}
