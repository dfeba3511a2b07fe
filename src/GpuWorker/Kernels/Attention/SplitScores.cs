using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>The first half of a split's work: where its keys lie, their scores, and the weights that these become.</summary>
internal static class SplitScores
{
    /// <summary>Parts of a split whose largest scores are found one by one.</summary>
    public const int Segments = 16;

    private const int SegmentTokens = AttentionKernels.SplitTokens / Segments;

    /// <summary>The keys of a split that any query reads; there is always one.</summary>
    public static SplitRange FindRange(GroupState s, WorkEntry work, int split)
    {
        SplitRange range = default;
        range.Split = split;
        range.First = AttentionKernels.SplitTokens;
        for (int query = 0; query < work.Queries; query += work.HeadsTogether)
        {
            Pair bounds = s.Bounds[query];
            int first = bounds.X - (split * AttentionKernels.SplitTokens);
            int end = bounds.Y - (split * AttentionKernels.SplitTokens) + 1;
            range.First = first < range.First ? first : range.First;
            range.End = end > range.End ? end : range.End;
        }
        range.First = range.First > 0 ? range.First : 0;
        range.End = range.End < AttentionKernels.SplitTokens ? range.End : AttentionKernels.SplitTokens;
        range.FirstSegment = range.First / SegmentTokens;
        range.EndSegment = (range.End + SegmentTokens - 1) / SegmentTokens;
        return range;
    }

    /// <summary>Notes where those keys lie.</summary>
    public static void FindSlots(AttentionArguments a, GroupState s, WorkEntry work, SplitRange range)
    {
        for (int i = range.First + Group.IdxX; i < range.End; i += Group.DimX)
        {
            int position = (range.Split * AttentionKernels.SplitTokens) + i;
            s.Slots[i] = position < work.Base
                ? (a.Pass[work.Blocks + (position / a.BlockTokens)] * a.BlockTokens) + (position % a.BlockTokens)
                : a.Pass[work.Path + position - work.Base];
        }
    }

    /// <summary>Scores of four queries. A thread owns a key: its score is one chain over the head's elements for each query.</summary>
    public static void Score<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int quad, SplitRange range)
        where TForm : unmanaged, IKvForm
    {
        for (int i = (range.FirstSegment * SegmentTokens) + Group.IdxX; i < range.EndSegment * SegmentTokens; i += Group.DimX)
        {
            FloatQuad score = QuadMath.All(float.NegativeInfinity);
            if (i >= range.First && i < range.End)
            {
                int slot = s.Slots[i];
                FloatQuad product = work.Queries == 1 ? OneProduct<TForm>(a, s, work, slot) : FourProducts<TForm>(a, s, work, slot, quad);
                int position = (range.Split * AttentionKernels.SplitTokens) + i;
                score.X = Finish(a, s, product.X, quad * 4, position);
                score.Y = Finish(a, s, product.Y, (quad * 4) + 1, position);
                score.Z = Finish(a, s, product.Z, (quad * 4) + 2, position);
                score.W = Finish(a, s, product.W, (quad * 4) + 3, position);
            }
            s.Weights[(quad * AttentionKernels.SplitTokens) + i] = score;
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

    /// <summary>Finds the largest scores of every segment.</summary>
    public static void FindLargest(GroupState s, WorkEntry work, SplitRange range)
    {
        int quads = (work.Queries + 3) / 4;
        int segments = range.EndSegment - range.FirstSegment;
        for (int i = Group.IdxX; i < quads * segments; i += Group.DimX)
        {
            int quad = i / segments;
            int segment = range.FirstSegment + i - (quad * segments);
            int first = (quad * AttentionKernels.SplitTokens) + (segment * SegmentTokens);
            FloatQuad largest = s.Weights[first];
            for (int j = 1; j < SegmentTokens; j++)
            {
                largest = QuadMath.Max(largest, s.Weights[first + j]);
            }
            s.Largest[(quad * Segments) + segment] = largest;
        }
    }

    /// <summary>The largest scores of four queries.</summary>
    public static FloatQuad LargestOf(GroupState s, int quad, SplitRange range)
    {
        FloatQuad largest = s.Largest[(quad * Segments) + range.FirstSegment];
        for (int segment = range.FirstSegment + 1; segment < range.EndSegment; segment++)
        {
            largest = QuadMath.Max(largest, s.Largest[(quad * Segments) + segment]);
        }
        return largest;
    }

    /// <summary>Scores become weights; -infinity, of keys that a query does not read, becomes 0.</summary>
    public static void Weigh(GroupState s, WorkEntry work, SplitRange range)
    {
        for (int quad = 0; quad * 4 < work.Queries; quad++)
        {
            FloatQuad largest = LargestOf(s, quad, range);
            float x = AttentionMath.Ceiling(largest.X);
            float y = AttentionMath.Ceiling(largest.Y);
            float z = AttentionMath.Ceiling(largest.Z);
            float w = AttentionMath.Ceiling(largest.W);
            for (int i = range.First + Group.IdxX; i < range.End; i += Group.DimX)
            {
                FloatQuad score = s.Weights[(quad * AttentionKernels.SplitTokens) + i];
                s.Weights[(quad * AttentionKernels.SplitTokens) + i] = new FloatQuad(
                    AttentionMath.Exp2(score.X - x), AttentionMath.Exp2(score.Y - y), AttentionMath.Exp2(score.Z - z), AttentionMath.Exp2(score.W - w));
            }
        }
    }
}
