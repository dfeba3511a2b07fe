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

    private const int Chains = 8;
    private const int ChainTokens = SplitTokens / Chains;
    private const int Segments = 16;
    private const int SegmentTokens = SplitTokens / Segments;
    private const int BlockElements = 128;
    private const int BlockOctets = BlockElements / DeviceKvLayout.OctetElements;

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
        s.Chains = SharedMemory.Allocate<FloatQuad>(Chains * BlockElements);
        s.Largest = SharedMemory.Allocate<FloatQuad>(2 * Segments);
        s.ChainSums = SharedMemory.Allocate<FloatQuad>(Chains);
        s.Slots = SharedMemory.Allocate<int>(SplitTokens);
        s.Sums = SharedMemory.Allocate<PartialSum>(MostQueries);
        s.Bounds = SharedMemory.Allocate<Pair>(MostQueries);
        WorkEntry work = WorkEntry.Read(a, Grid.IdxX);
        LoadQueries(a, s, work);
        for (int split = work.FirstSplit; split < work.FirstSplit + work.Splits; split++)
        {
            FindSlots(a, s, work, split);
            Group.Barrier();
            for (int quad = 0; quad * 4 < work.Queries; quad++)
            {
                Score<TForm>(a, s, work, quad, split);
            }
            Group.Barrier();
            FindLargest(s, work);
            Group.Barrier();
            Weigh(s, work);
            Group.Barrier();
            for (int quad = 0; quad * 4 < work.Queries; quad++)
            {
                Mix<TForm>(a, s, work, quad, split);
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

    private static PartialSum Join(PartialSum total, PartialSum next)
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

    // Where the split's keys lie that any query reads; -1 for the others.
    private static void FindSlots(AttentionArguments a, GroupState s, WorkEntry work, int split)
    {
        int first = int.MaxValue;
        int last = -1;
        for (int query = 0; query < work.Queries; query += work.HeadsTogether)
        {
            Pair bounds = s.Bounds[query];
            first = bounds.X < first ? bounds.X : first;
            last = bounds.Y > last ? bounds.Y : last;
        }
        for (int i = Group.IdxX; i < SplitTokens; i += Group.DimX)
        {
            int position = (split * SplitTokens) + i;
            int slot = -1;
            if (position >= first && position <= last)
            {
                slot = position < work.Base
                    ? (a.Pass[work.Blocks + (position / a.BlockTokens)] * a.BlockTokens) + (position % a.BlockTokens)
                    : a.Pass[work.Path + position - work.Base];
            }
            s.Slots[i] = slot;
        }
    }

    // A thread owns a key: its score is one chain over the head's elements for each query.
    private static void Score<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int quad, int split)
        where TForm : unmanaged, IKvForm
    {
        for (int i = Group.IdxX; i < SplitTokens; i += Group.DimX)
        {
            FloatQuad score = QuadMath.All(float.NegativeInfinity);
            int slot = s.Slots[i];
            if (slot >= 0)
            {
                FloatQuad product = work.Queries == 1 ? OneProduct<TForm>(a, s, work, slot) : FourProducts<TForm>(a, s, work, slot, quad);
                int position = (split * SplitTokens) + i;
                score.X = Finish(a, s, product.X, quad * 4, position);
                score.Y = Finish(a, s, product.Y, (quad * 4) + 1, position);
                score.Z = Finish(a, s, product.Z, (quad * 4) + 2, position);
                score.W = Finish(a, s, product.W, (quad * 4) + 3, position);
            }
            s.Weights[(quad * SplitTokens) + i] = score;
        }
    }

    private static float Finish(AttentionArguments a, GroupState s, float product, int query, int position)
    {
        Pair bounds = s.Bounds[query];
        if (position < bounds.X || position > bounds.Y)
        {
            return float.NegativeInfinity;
        }
        return a.CapScale == 0f ? product : KernelMath.Tanh(product) * a.CapScale;
    }

    private static FloatQuad FourProducts<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int slot, int quad)
        where TForm : unmanaged, IKvForm
    {
        int key = a.Kv.KeyOctet(work.KvHead, slot);
        int query = quad * DeviceKvLayout.MostHeadSize;
        FloatQuad sum = QuadMath.All(0f);
        for (int octet = 0; octet < a.Kv.Octets; octet++, query += DeviceKvLayout.OctetElements)
        {
            Octet k = TForm.Load(a.Kv.Keys, key + (octet << 4), KeyScale<TForm>(a, work, slot, octet));
            sum = QuadMath.AddProduct(sum, s.Queries[query], k.Low.X);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 1], k.Low.Y);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 2], k.Low.Z);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 3], k.Low.W);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 4], k.High.X);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 5], k.High.Y);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 6], k.High.Z);
            sum = QuadMath.AddProduct(sum, s.Queries[query + 7], k.High.W);
        }
        return sum;
    }

    // The same chain for a group that has one query.
    private static FloatQuad OneProduct<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int slot)
        where TForm : unmanaged, IKvForm
    {
        int key = a.Kv.KeyOctet(work.KvHead, slot);
        float sum = 0f;
        for (int octet = 0, query = 0; octet < a.Kv.Octets; octet++, query += DeviceKvLayout.OctetElements)
        {
            Octet k = TForm.Load(a.Kv.Keys, key + (octet << 4), KeyScale<TForm>(a, work, slot, octet));
            sum = (s.Queries[query].X * k.Low.X) + sum;
            sum = (s.Queries[query + 1].X * k.Low.Y) + sum;
            sum = (s.Queries[query + 2].X * k.Low.Z) + sum;
            sum = (s.Queries[query + 3].X * k.Low.W) + sum;
            sum = (s.Queries[query + 4].X * k.High.X) + sum;
            sum = (s.Queries[query + 5].X * k.High.Y) + sum;
            sum = (s.Queries[query + 6].X * k.High.Z) + sum;
            sum = (s.Queries[query + 7].X * k.High.W) + sum;
        }
        return new FloatQuad(sum, 0f, 0f, 0f);
    }

    private static float KeyScale<TForm>(AttentionArguments a, WorkEntry work, int slot, int octet)
        where TForm : unmanaged, IKvForm =>
        TForm.HasScales ? KernelMath.WidenHalf(a.Kv.KeyScales[a.Kv.KeyScale(work.KvHead, slot) + (octet >> 2 << 4)]) : 0f;

    private static void FindLargest(GroupState s, WorkEntry work)
    {
        int quads = (work.Queries + 3) / 4;
        for (int i = Group.IdxX; i < quads * Segments; i += Group.DimX)
        {
            int first = i * SegmentTokens;
            FloatQuad largest = s.Weights[first];
            for (int j = 1; j < SegmentTokens; j++)
            {
                largest = QuadMath.Max(largest, s.Weights[first + j]);
            }
            s.Largest[i] = largest;
        }
    }

    private static FloatQuad LargestOf(GroupState s, int quad)
    {
        FloatQuad largest = s.Largest[quad * Segments];
        for (int i = 1; i < Segments; i++)
        {
            largest = QuadMath.Max(largest, s.Largest[(quad * Segments) + i]);
        }
        return largest;
    }

    // Scores become weights; -infinity, of keys that a query does not read, becomes 0.
    private static void Weigh(GroupState s, WorkEntry work)
    {
        for (int quad = 0; quad * 4 < work.Queries; quad++)
        {
            FloatQuad largest = LargestOf(s, quad);
            float x = AttentionMath.Ceiling(largest.X);
            float y = AttentionMath.Ceiling(largest.Y);
            float z = AttentionMath.Ceiling(largest.Z);
            float w = AttentionMath.Ceiling(largest.W);
            for (int i = Group.IdxX; i < SplitTokens; i += Group.DimX)
            {
                FloatQuad score = s.Weights[(quad * SplitTokens) + i];
                s.Weights[(quad * SplitTokens) + i] = new FloatQuad(
                    AttentionMath.Exp2(score.X - x), AttentionMath.Exp2(score.Y - y), AttentionMath.Exp2(score.Z - z), AttentionMath.Exp2(score.W - w));
            }
        }
    }

    // A thread owns a chain of 32 keys and an octet of the result; then an element of it, whose chains it adds in order.
    private static void Mix<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int quad, int split)
        where TForm : unmanaged, IKvForm
    {
        for (int firstOctet = 0; firstOctet < a.Kv.Octets; firstOctet += BlockOctets)
        {
            int octets = a.Kv.Octets - firstOctet < BlockOctets ? a.Kv.Octets - firstOctet : BlockOctets;
            for (int i = Group.IdxX; i < octets * Chains; i += Group.DimX)
            {
                int chain = i / octets;
                int octet = i - (chain * octets);
                AddChain<TForm>(a, s, work, quad, chain, firstOctet + octet, octet * DeviceKvLayout.OctetElements);
            }
            Group.Barrier();
            for (int i = Group.IdxX; i < octets * DeviceKvLayout.OctetElements; i += Group.DimX)
            {
                FloatQuad sum = s.Chains[i];
                for (int chain = 1; chain < Chains; chain++)
                {
                    sum = QuadMath.Add(sum, s.Chains[(chain * BlockElements) + i]);
                }
                Keep(a, s, work, quad, split, (firstOctet * DeviceKvLayout.OctetElements) + i, sum);
            }
            Group.Barrier();
        }
        if (Group.IdxX == 0)
        {
            KeepSums(a, s, work, quad, split);
        }
        Group.Barrier();
    }

    private static void AddChain<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int quad, int chain, int octet, int column)
        where TForm : unmanaged, IKvForm
    {
        FloatQuad e0 = QuadMath.All(0f);
        FloatQuad e1 = e0;
        FloatQuad e2 = e0;
        FloatQuad e3 = e0;
        FloatQuad e4 = e0;
        FloatQuad e5 = e0;
        FloatQuad e6 = e0;
        FloatQuad e7 = e0;
        FloatQuad sum = e0;
        for (int i = chain * ChainTokens; i < (chain + 1) * ChainTokens; i++)
        {
            int slot = s.Slots[i];
            if (slot >= 0)
            {
                FloatQuad weight = s.Weights[(quad * SplitTokens) + i];
                float scale = TForm.HasScales ? KernelMath.WidenHalf(a.Kv.ValueScales[a.Kv.ValueScale(work.KvHead, slot) + (octet >> 2)]) : 0f;
                Octet v = TForm.Load(a.Kv.Values, a.Kv.ValueOctet(work.KvHead, slot) + octet, scale);
                e0 = QuadMath.AddProduct(e0, weight, v.Low.X);
                e1 = QuadMath.AddProduct(e1, weight, v.Low.Y);
                e2 = QuadMath.AddProduct(e2, weight, v.Low.Z);
                e3 = QuadMath.AddProduct(e3, weight, v.Low.W);
                e4 = QuadMath.AddProduct(e4, weight, v.High.X);
                e5 = QuadMath.AddProduct(e5, weight, v.High.Y);
                e6 = QuadMath.AddProduct(e6, weight, v.High.Z);
                e7 = QuadMath.AddProduct(e7, weight, v.High.W);
                sum = QuadMath.Add(sum, weight);
            }
        }
        int at = (chain * BlockElements) + column;
        s.Chains[at] = e0;
        s.Chains[at + 1] = e1;
        s.Chains[at + 2] = e2;
        s.Chains[at + 3] = e3;
        s.Chains[at + 4] = e4;
        s.Chains[at + 5] = e5;
        s.Chains[at + 6] = e6;
        s.Chains[at + 7] = e7;
        if (octet == 0)
        {
            s.ChainSums[chain] = sum;
        }
    }

    private static void Keep(AttentionArguments a, GroupState s, WorkEntry work, int quad, int split, int d, FloatQuad sum)
    {
        FloatQuad largest = LargestOf(s, quad);
        KeepOne(a, s, work, quad * 4, split, d, sum.X, largest.X);
        KeepOne(a, s, work, (quad * 4) + 1, split, d, sum.Y, largest.Y);
        KeepOne(a, s, work, (quad * 4) + 2, split, d, sum.Z, largest.Z);
        KeepOne(a, s, work, (quad * 4) + 3, split, d, sum.W, largest.W);
    }

    // A partial result goes to its own place; a walk over all splits adds them up where the result will be.
    private static void KeepOne(AttentionArguments a, GroupState s, WorkEntry work, int query, int split, int d, float value, float largest)
    {
        if (query >= work.Queries || largest == float.NegativeInfinity)
        {
            return;
        }
        int row = query / work.HeadsTogether;
        int head = work.FirstHead + (query % work.HeadsTogether);
        if (work.IsPartial != 0)
        {
            int padded = a.Kv.Octets * DeviceKvLayout.OctetElements;
            a.PartialValues[((((work.Partial + (row * work.RowPartials) + split) * a.Heads) + head) * padded) + d] = value;
        }
        else if (d < a.HeadSize)
        {
            int at = ((work.Destination + row) * a.OutputStride) + (head * a.HeadSize) + d;
            PartialSum before = s.Sums[query];
            a.Output[at] = before.Reference == AttentionMath.NoReference
                ? value
                : AttentionMath.Join(a.Output[at], before.Reference, value, AttentionMath.Ceiling(largest));
        }
    }

    private static void KeepSums(AttentionArguments a, GroupState s, WorkEntry work, int quad, int split)
    {
        FloatQuad sum = s.ChainSums[0];
        for (int chain = 1; chain < Chains; chain++)
        {
            sum = QuadMath.Add(sum, s.ChainSums[chain]);
        }
        FloatQuad largest = LargestOf(s, quad);
        for (int i = 0; i < 4; i++)
        {
            int query = (quad * 4) + i;
            float most = QuadMath.At(largest, i);
            if (query < work.Queries && most != float.NegativeInfinity)
            {
                PartialSum next = default;
                next.Reference = AttentionMath.Ceiling(most);
                next.Sum = QuadMath.At(sum, i);
                PartialSum before = s.Sums[query];
                s.Sums[query] = before.Reference == AttentionMath.NoReference ? next : Join(before, next);
                if (work.IsPartial != 0)
                {
                    int row = query / work.HeadsTogether;
                    int head = work.FirstHead + (query % work.HeadsTogether);
                    a.PartialSums[((work.Partial + (row * work.RowPartials) + split) * a.Heads) + head] = next;
                }
            }
        }
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
