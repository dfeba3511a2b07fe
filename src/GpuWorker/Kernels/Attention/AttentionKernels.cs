using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Purpose: paged causal attention of decodes, prompt chunks and draft trees, grouped queries, window and soft cap, over every stored form.
/// Formula: out = sum_p w_p v_p / sum_p w_p, w_p = 2^(s_p - m), s_p = log2(e) cap(scale q k_p), p from t - window + 1 to t.
/// Shapes: queries T x H x D, keys and values slots x G x D by block table and path (<see cref="PassMetadata"/>), result rows x H x D; D up to 256.
/// Layout: rows of floats; keys and values as <see cref="DeviceKvLayout"/> says; queries and weights in shared memory, four queries side by side.
/// Launch: a group for each work entry, KV head and eight query heads of it; threads own keys, then octets of the result in chains of 32 keys.
/// Cost: 4 T H D keys FLOPs; every key and value is read once by a group for up to eight queries; no local memory.
/// Numerics: float32; a key's score is one chain over d; m is an integer, the largest score rounded up, so that bringing sums to another m is exact;
/// a split of 256 positions is 8 chains of 32 keys, added in order; splits are added in order. A row's bits depend on its query and keys alone.
/// </summary>
/// <remarks>
/// v1: one kernel for all row counts, portable; not measured: no device.
/// </remarks>
internal static class AttentionKernels
{
    /// <summary>Positions of a split.</summary>
    public const int SplitTokens = 256;

    /// <summary>Queries that a group serves together.</summary>
    public const int MostQueries = 8;

    /// <summary>Integers of a work entry: first row, rows, first split, splits, first row of the result, partial of row 0 and split 0, partials of a row, whether partial.</summary>
    public const int WorkInts = 8;

    /// <summary>Integers of a join: row of the result, first partial, partials, unused.</summary>
    public const int JoinInts = 4;

    /// <summary>Attends for one work entry, KV head and part of its query heads.</summary>
    [Kernel("attention_f32_f32_f32", typeof(FloatKv), WideLoads = true)]
    [Kernel("attention_f32_f16_f32", typeof(HalfKv), WideLoads = true)]
    [Kernel("attention_f32_q8_f32", typeof(ByteKv))]
    [Kernel("attention_f32_q4_f32", typeof(NibbleKv))]
    public static void Attend<TForm>(AttentionArguments a)
        where TForm : unmanaged, IKvForm
    {
        GroupState s = default;
        s.Queries = SharedMemory.Allocate<FloatQuad>(2 * DeviceKvLayout.MostHeadSize);
        s.Weights = SharedMemory.Allocate<FloatQuad>(2 * SplitTokens);
        s.Chains = SharedMemory.Allocate<FloatQuad>(SplitValues.Chains * SplitValues.BlockElements);
        s.Largest = SharedMemory.Allocate<FloatQuad>(2 * SplitScores.Segments);
        s.ChainSums = SharedMemory.Allocate<FloatQuad>(SplitValues.Chains);
        s.Slots = SharedMemory.Allocate<int>(SplitTokens);
        s.Sums = SharedMemory.Allocate<PartialSum>(MostQueries);
        s.Bounds = SharedMemory.Allocate<Pair>(MostQueries);
        WorkEntry work = WorkEntry.Read(a, Grid.IdxX, MostQueries);
        LoadQueries(a, s, work);
        for (int split = work.FirstSplit; split < work.FirstSplit + work.Splits; split++)
        {
            SplitRange range = SplitScores.FindRange(s, work, split);
            SplitScores.FindSlots(a, s, work, range);
            Group.Barrier();
            for (int quad = 0; quad * 4 < work.Queries; quad++)
            {
                SplitScores.Score<TForm>(a, s, work, quad, range);
            }
            Group.Barrier();
            SplitScores.FindLargest(s, work, range);
            Group.Barrier();
            SplitScores.Weigh(s, work, range);
            Group.Barrier();
            for (int quad = 0; quad * 4 < work.Queries; quad++)
            {
                SplitValues.Mix<TForm>(a, s, work, quad, range);
            }
        }
        if (work.IsPartial == 0)
        {
            Divide(a, s, work);
        }
    }

    /// <summary>Joins the partial results of one row and query head, split by split in order.</summary>
    [Kernel("attention_join_f32")]
    public static void Join(AttentionArguments a)
    {
        int entry = a.List + (Grid.IdxX / a.Heads * JoinInts);
        int head = Grid.IdxX % a.Heads;
        int destination = a.Pass[entry];
        int first = a.Pass[entry + 1];
        int count = a.Pass[entry + 2];
        int padded = a.Kv.Octets * DeviceKvLayout.OctetElements;
        for (int d = Group.IdxX; d < a.HeadSize; d += Group.DimX)
        {
            PartialSum total = a.PartialSums[(first * a.Heads) + head];
            float value = a.PartialValues[(((first * a.Heads) + head) * padded) + d];
            for (int i = 1; i < count; i++)
            {
                int partial = ((first + i) * a.Heads) + head;
                PartialSum next = a.PartialSums[partial];
                value = AttentionMath.Join(value, total.Reference, a.PartialValues[(partial * padded) + d], next.Reference);
                total = Join(total, next);
            }
            a.Output[(destination * a.OutputStride) + (head * a.HeadSize) + d] = value / total.Sum;
        }
    }

    /// <summary>Two sums of weights, with the larger reference.</summary>
    public static PartialSum Join(PartialSum total, PartialSum next)
    {
        PartialSum joined = default;
        joined.Sum = AttentionMath.Join(total.Sum, total.Reference, next.Sum, next.Reference);
        joined.Reference = next.Reference > total.Reference ? next.Reference : total.Reference;
        return joined;
    }

    // Queries times their factor, four side by side, 0 beyond the head and beyond the last query; first and last position of each.
    private static void LoadQueries(AttentionArguments a, GroupState s, WorkEntry work)
    {
        int padded = a.Kv.Octets * DeviceKvLayout.OctetElements;
        int quads = (work.Queries + 3) / 4;
        for (int i = Group.IdxX; i < quads * padded; i += Group.DimX)
        {
            int quad = i / padded;
            int d = i - (quad * padded);
            s.Queries[(quad * DeviceKvLayout.MostHeadSize) + d] = new FloatQuad(
                Query(a, work, quad * 4, d), Query(a, work, (quad * 4) + 1, d), Query(a, work, (quad * 4) + 2, d), Query(a, work, (quad * 4) + 3, d));
        }
        for (int query = Group.IdxX; query < MostQueries; query += Group.DimX)
        {
            PartialSum none = default;
            none.Reference = AttentionMath.NoReference;
            s.Sums[query] = none;
            int position = query < work.Queries ? a.Pass[((work.FirstRow + (query / work.HeadsTogether)) * PassMetadata.RowInts) + PassMetadata.RowPosition] : -1;
            int start = a.Window == 0 ? 0 : position - a.Window + 1;
            s.Bounds[query] = new Pair(start, position);
        }
        Group.Barrier();
    }

    private static float Query(AttentionArguments a, WorkEntry work, int query, int d)
    {
        if (query >= work.Queries || d >= a.HeadSize)
        {
            return 0f;
        }
        int row = work.FirstRow + (query / work.HeadsTogether);
        int head = work.FirstHead + (query % work.HeadsTogether);
        return a.Queries[(row * a.QueryStride) + (head * a.HeadSize) + d] * a.QueryScale;
    }

    private static void Divide(AttentionArguments a, GroupState s, WorkEntry work)
    {
        for (int i = Group.IdxX; i < work.Queries * a.HeadSize; i += Group.DimX)
        {
            int query = i / a.HeadSize;
            int d = i - (query * a.HeadSize);
            int head = work.FirstHead + (query % work.HeadsTogether);
            int at = ((work.Destination + (query / work.HeadsTogether)) * a.OutputStride) + (head * a.HeadSize) + d;
            a.Output[at] = a.Output[at] / s.Sums[query].Sum;
        }
    }
}
