using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Tensor;
using Winnow.Inference.Cache;
using Columns128 = Winnow.GpuWorker.Kernels.Attention.TileColumns<
    Winnow.GpuWorker.Kernels.Attention.TileColumns<Winnow.GpuWorker.Kernels.Attention.TileBlock, Winnow.GpuWorker.Kernels.Attention.TileBlock>,
    Winnow.GpuWorker.Kernels.Attention.TileColumns<Winnow.GpuWorker.Kernels.Attention.TileBlock, Winnow.GpuWorker.Kernels.Attention.TileBlock>>;
using Columns64 = Winnow.GpuWorker.Kernels.Attention.TileColumns<
    Winnow.GpuWorker.Kernels.Attention.TileBlock, Winnow.GpuWorker.Kernels.Attention.TileBlock>;
using Columns96 = Winnow.GpuWorker.Kernels.Attention.TileColumns<
    Winnow.GpuWorker.Kernels.Attention.TileColumns<Winnow.GpuWorker.Kernels.Attention.TileBlock, Winnow.GpuWorker.Kernels.Attention.TileBlock>,
    Winnow.GpuWorker.Kernels.Attention.TileBlock>;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Purpose: what <see cref="AttentionKernels"/> do, by the tensor cores of CUDA devices from compute capability 8.0 on; decodes, prompts and trees in one order.
/// Formula: out = sum_p w_p v_p / sum_p w_p, w_p = 2^(s_p - m), s_p = log2(e) cap(scale q k_p), p from t - window + 1 to t.
/// Shapes: queries T x H x D, keys and values slots x G x D by block table and path (<see cref="PassMetadata"/>), result rows x H x D; D 64, 96 or 128.
/// Layout: rows of floats; keys and values as <see cref="DeviceKvLayout"/> says, brought by tiles of 32 positions into shared memory (<see cref="TileLayout{TColumns, TForm}"/>).
/// Launch: a group for each work entry, KV head and 64 query heads of it; a warp has 16 queries, and all tiles that they read; four warps share tiles.
/// Cost: 8 T H D keys FLOPs, twice the formula's, since queries and weights are two halves each; keys and values are read once by a group; no local memory.
/// Numerics: products of halves are exact, sums float32 as the tensor core rounds them; tiles in order, splits of 256 positions joined in order; m is an integer.
/// </summary>
/// <remarks>
/// v1: mma.sync m16n8k16 and ldmatrix, one tile ahead in registers, two divisions of the work; not measured: no device.
/// </remarks>
internal static class TileKernels
{
    /// <summary>Positions of a tile.</summary>
    public const int TileTokens = 32;

    /// <summary>Queries of a warp.</summary>
    public const int TileQueries = 16;

    /// <summary>Queries of a group.</summary>
    public const int MostQueries = 64;

    /// <summary>Threads of a group.</summary>
    public const int Threads = MostQueries / TileQueries * 32;

    /// <summary>Slots that a group remembers: of two splits.</summary>
    public const int SlotWords = 2 * AttentionKernels.SplitTokens;

    /// <summary>Scales of values that are larger in size are cut to this, so that with a weight they are halves.</summary>
    public const float MostScale = 1023f;

    private const int SplitTiles = AttentionKernels.SplitTokens / TileTokens;

    /// <summary>Whether there is a kernel for a cache: heads of 64, 96 or 128 elements, not stored as floats.</summary>
    public static bool Take(DeviceKvLayout layout) => layout.HeadSize is 64 or 96 or 128 && layout.Type != KvType.F32;

    /// <summary>Loads a kernel for a cache.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="layout">The cache.</param>
    /// <param name="few">Whether it is for work entries of at most <see cref="TileQueries"/> queries.</param>
    public static Action<AcceleratorStream, KernelConfig, AttentionArguments> Load(Accelerator accelerator, DeviceKvLayout layout, bool few) =>
        accelerator.LoadKernel(layout.HeadSize switch
        {
            64 => Choose<Columns64>(layout.Type, few),
            96 => Choose<Columns96>(layout.Type, few),
            _ => Choose<Columns128>(layout.Type, few),
        });

    /// <summary>Attends for one work entry, KV head and part of its query heads.</summary>
    [Kernel("attention_tile64_f32_f16_f32", typeof(Columns64), typeof(HalfTile), WideLoads = true, TensorCores = true)]
    [Kernel("attention_tile96_f32_f16_f32", typeof(Columns96), typeof(HalfTile), WideLoads = true, TensorCores = true)]
    [Kernel("attention_tile128_f32_f16_f32", typeof(Columns128), typeof(HalfTile), WideLoads = true, TensorCores = true)]
    [Kernel("attention_tile64_f32_q8_f32", typeof(Columns64), typeof(ByteTile), TensorCores = true)]
    [Kernel("attention_tile96_f32_q8_f32", typeof(Columns96), typeof(ByteTile), TensorCores = true)]
    [Kernel("attention_tile128_f32_q8_f32", typeof(Columns128), typeof(ByteTile), TensorCores = true)]
    [Kernel("attention_tile64_f32_q4_f32", typeof(Columns64), typeof(NibbleTile), TensorCores = true)]
    [Kernel("attention_tile96_f32_q4_f32", typeof(Columns96), typeof(NibbleTile), TensorCores = true)]
    [Kernel("attention_tile128_f32_q4_f32", typeof(Columns128), typeof(NibbleTile), TensorCores = true)]
    public static void Attend<TColumns, TForm>(AttentionArguments a)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm
    {
        TileGroup group = Begin<TColumns, TForm>(a, SharedMemory.Allocate<Quad>(TileLayout<TColumns, TForm>.Quads));
        WorkEntry work = group.Work;
        int first = group.First / TileTokens;
        int end = (group.End + TileTokens - 1) / TileTokens;
        TileWarp<TColumns> warp = TileWarp<TColumns>.Load(a, work, Group.IdxX / Warp.WarpSize * TileQueries);
        for (int tile = first; tile < end; tile++)
        {
            // Behind this, the tile is there for all, and all are done with the one before.
            Group.Barrier();
            if (tile % SplitTiles == 0 && tile > first)
            {
                TileStaging<TColumns, TForm>.FindSlots(a, group, (tile / SplitTiles) + 1);
            }
            warp = Walk<TColumns, TForm>(warp, a, group, tile);
            if (tile % SplitTiles == SplitTiles - 1 || tile + 1 == end)
            {
                warp = TileWarp<TColumns>.EndSplit(warp, a, work, tile / SplitTiles, 0);
            }
        }
        if (work.IsPartial == 0)
        {
            TileWarp<TColumns>.Divide(warp, a, 0);
        }
    }

    /// <summary>
    /// The same, bit for bit, for work entries of at most 16 queries: the four warps have the same queries, and each scores eight keys of a tile and has 32
    /// columns of the values.
    /// </summary>
    [Kernel("attention_few64_f32_f16_f32", typeof(Columns64), typeof(HalfTile), WideLoads = true, TensorCores = true)]
    [Kernel("attention_few96_f32_f16_f32", typeof(Columns96), typeof(HalfTile), WideLoads = true, TensorCores = true)]
    [Kernel("attention_few128_f32_f16_f32", typeof(Columns128), typeof(HalfTile), WideLoads = true, TensorCores = true)]
    [Kernel("attention_few64_f32_q8_f32", typeof(Columns64), typeof(ByteTile), TensorCores = true)]
    [Kernel("attention_few96_f32_q8_f32", typeof(Columns96), typeof(ByteTile), TensorCores = true)]
    [Kernel("attention_few128_f32_q8_f32", typeof(Columns128), typeof(ByteTile), TensorCores = true)]
    [Kernel("attention_few64_f32_q4_f32", typeof(Columns64), typeof(NibbleTile), TensorCores = true)]
    [Kernel("attention_few96_f32_q4_f32", typeof(Columns96), typeof(NibbleTile), TensorCores = true)]
    [Kernel("attention_few128_f32_q4_f32", typeof(Columns128), typeof(NibbleTile), TensorCores = true)]
    public static void AttendFew<TColumns, TForm>(AttentionArguments a)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm
    {
        TileGroup group = Begin<TColumns, TForm>(a, SharedMemory.Allocate<Quad>(TileLayout<TColumns, TForm>.QuadsOfFew));
        WorkEntry work = group.Work;
        int first = group.First / TileTokens;
        int end = (group.End + TileTokens - 1) / TileTokens;
        TileWarp<TileBlock> warp = TileWarp<TileBlock>.Load(a, work, 0);
        TColumns queries = TileWarp<TileBlock>.LoadQueries<TColumns>(warp, a);
        int block = Group.IdxX / Warp.WarpSize;
        if (block >= TileLayout<TColumns, TForm>.Blocks)
        {
            // A warp beyond the head's columns computes the first ones too, and keeps nothing.
            warp = TileWarp<TileBlock>.Mute(warp);
            block = 0;
        }
        for (int tile = first; tile < end; tile++)
        {
            Group.Barrier();
            if (tile % SplitTiles == 0 && tile > first)
            {
                TileStaging<TColumns, TForm>.FindSlots(a, group, (tile / SplitTiles) + 1);
            }
            TileStage stage = Stage<TColumns, TForm>(group, tile & 1);
            TileFetch fetch = TileStaging<TColumns, TForm>.LoadKeys(a, group, tile + 1);
            TileFetch values = TileStaging<TColumns, TForm>.LoadValues(a, group, tile + 1);
            TileScores scores = Exchange<TColumns, TForm>(queries, group, stage);
            TileStaging<TColumns, TForm>.StoreKeys(group, fetch, (tile + 1) & 1);
            warp = TileWarp<TileBlock>.Add<TForm>(warp, scores, a, stage, tile, block, 16 * TileLayout<TColumns, TForm>.RowQuads);
            TileStaging<TColumns, TForm>.StoreValues(group, values, (tile + 1) & 1);
            if (tile % SplitTiles == SplitTiles - 1 || tile + 1 == end)
            {
                warp = TileWarp<TileBlock>.EndSplit(warp, a, work, tile / SplitTiles, block * TileBlock.Count);
            }
        }
        if (work.IsPartial == 0)
        {
            TileWarp<TileBlock>.Divide(warp, a, block * TileBlock.Count);
        }
    }

    // Eight keys are a warp's own; then every warp has the scores of all. The barrier of the next tile lets nobody write before all have read.
    private static TileScores Exchange<TColumns, TForm>(in TColumns queries, in TileGroup group, in TileStage stage)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm
    {
        ArrayView<FloatQuad> exchange = group.Quads.SubView(TileLayout<TColumns, TForm>.Exchange, Threads).Cast<FloatQuad>();
        exchange[Group.IdxX] = TColumns.AddEightScores<TForm>(queries, default, stage, Group.IdxX / Warp.WarpSize, 0);
        Group.Barrier();
        TileScores scores = default;
        scores.N0 = exchange[stage.Lane];
        scores.N1 = exchange[Warp.WarpSize + stage.Lane];
        scores.N2 = exchange[(2 * Warp.WarpSize) + stage.Lane];
        scores.N3 = exchange[(3 * Warp.WarpSize) + stage.Lane];
        return scores;
    }

    // Finds a group's work and brings its first tile. Later rows have more keys to read, so they begin first.
    private static TileGroup Begin<TColumns, TForm>(in AttentionArguments a, ArrayView<Quad> shared)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm
    {
        TileGroup group = TileGroup.Find(a, WorkEntry.Read(a, Grid.DimX - 1 - Grid.IdxX, MostQueries));
        group.Address = SharedTile.Address();
        group.Quads = shared;
        group.Words = shared.Cast<int>();
        int first = group.First / TileTokens;
        TileStaging<TColumns, TForm>.FindSlots(a, group, first / SplitTiles);
        TileStaging<TColumns, TForm>.FindSlots(a, group, (first / SplitTiles) + 1);
        Group.Barrier();
        TileStaging<TColumns, TForm>.StoreKeys(group, TileStaging<TColumns, TForm>.LoadKeys(a, group, first), first & 1);
        TileStaging<TColumns, TForm>.StoreValues(group, TileStaging<TColumns, TForm>.LoadValues(a, group, first), first & 1);
        return group;
    }

    // Adds a tile, and brings the next one meanwhile; beyond the last, all keys are zeros.
    private static TileWarp<TColumns> Walk<TColumns, TForm>(TileWarp<TColumns> warp, in AttentionArguments a, in TileGroup group, int tile)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm
    {
        TileStage stage = Stage<TColumns, TForm>(group, tile & 1);
        bool reads = TileWarp<TColumns>.Reads(warp, tile);
        TileScores scores = default;
        TileFetch fetch = TileStaging<TColumns, TForm>.LoadKeys(a, group, tile + 1);
        if (reads)
        {
            scores = TileWarp<TColumns>.Score<TForm>(warp, stage);
        }
        TileStaging<TColumns, TForm>.StoreKeys(group, fetch, (tile + 1) & 1);
        fetch = TileStaging<TColumns, TForm>.LoadValues(a, group, tile + 1);
        if (reads)
        {
            warp = TileWarp<TColumns>.Add<TForm>(warp, scores, a, stage, tile, 0, 16 * TileLayout<TColumns, TForm>.RowQuads);
        }
        TileStaging<TColumns, TForm>.StoreValues(group, fetch, (tile + 1) & 1);
        return warp;
    }

    private static TileStage Stage<TColumns, TForm>(in TileGroup group, int stage)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm
    {
        int lane = Group.IdxX % Warp.WarpSize;
        int key = ((lane >> 3) & 1) * 8 + (lane & 7);
        int keys = stage * TileLayout<TColumns, TForm>.StageQuads;
        int values = keys + TileLayout<TColumns, TForm>.KeyQuads;
        TileStage result = default;
        result.Lane = lane;
        result.Keys = group.Address + (16 * (keys + (((lane >> 3) & 1) * TileTokens) + ((lane >> 4) * 8) + (lane & 7)));
        result.EightKeys = group.Address + (16 * (keys + ((lane >> 3) * TileTokens) + (Group.IdxX / Warp.WarpSize * 8) + (lane & 7)));
        result.Values = group.Address + (16 * (values + (key * TileLayout<TColumns, TForm>.RowQuads)));
        if (TForm.HasScales)
        {
            result.Scales = TileGroup.Scales<TColumns, TForm>(group, stage);
        }
        return result;
    }

    private static Action<AttentionArguments> Choose<TColumns>(KvType type, bool few)
        where TColumns : unmanaged, ITileColumns<TColumns> => type switch
        {
            KvType.Q8_0 => few ? AttendFew<TColumns, ByteTile> : Attend<TColumns, ByteTile>,
            KvType.Q4_0 => few ? AttendFew<TColumns, NibbleTile> : Attend<TColumns, NibbleTile>,
            _ => few ? AttendFew<TColumns, HalfTile> : Attend<TColumns, HalfTile>,
        };
}
