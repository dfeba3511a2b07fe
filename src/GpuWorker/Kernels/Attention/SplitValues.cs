using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>The second half of a split's work: values times weights, kept by themselves or added to what the splits before gave.</summary>
internal static class SplitValues
{
    /// <summary>Chains that a split's keys are added in.</summary>
    public const int Chains = 8;

    /// <summary>Elements of a head that are computed together.</summary>
    public const int BlockElements = 128;

    private const int ChainTokens = AttentionKernels.SplitTokens / Chains;
    private const int BlockOctets = BlockElements / DeviceKvLayout.OctetElements;

    /// <summary>
    /// The weighted values of four queries. A thread owns a chain of 32 keys and an octet of the result; then an element of it, whose chains it adds in order.
    /// </summary>
    public static void Mix<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int quad, SplitRange range)
        where TForm : unmanaged, IKvForm
    {
        for (int firstOctet = 0; firstOctet < a.Kv.Octets; firstOctet += BlockOctets)
        {
            int octets = a.Kv.Octets - firstOctet < BlockOctets ? a.Kv.Octets - firstOctet : BlockOctets;
            for (int i = Group.IdxX; i < octets * Chains; i += Group.DimX)
            {
                int chain = i / octets;
                int octet = i - (chain * octets);
                AddChain<TForm>(a, s, work, quad, range, chain, firstOctet + octet, octet * DeviceKvLayout.OctetElements);
            }
            Group.Barrier();
            for (int i = Group.IdxX; i < octets * DeviceKvLayout.OctetElements; i += Group.DimX)
            {
                FloatQuad sum = s.Chains[i];
                for (int chain = 1; chain < Chains; chain++)
                {
                    sum = QuadMath.Add(sum, s.Chains[(chain * BlockElements) + i]);
                }
                Keep(a, s, work, quad, range, (firstOctet * DeviceKvLayout.OctetElements) + i, sum);
            }
            Group.Barrier();
        }
        if (Group.IdxX == 0)
        {
            KeepSums(a, s, work, quad, range);
        }
        Group.Barrier();
    }

    private static void AddChain<TForm>(AttentionArguments a, GroupState s, WorkEntry work, int quad, SplitRange range, int chain, int octet, int column)
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
        int first = chain * ChainTokens;
        int end = first + ChainTokens < range.End ? first + ChainTokens : range.End;
        first = first > range.First ? first : range.First;
        for (int i = first; i < end; i++)
        {
            int slot = s.Slots[i];
            FloatQuad weight = s.Weights[(quad * AttentionKernels.SplitTokens) + i];
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

    private static void Keep(AttentionArguments a, GroupState s, WorkEntry work, int quad, SplitRange range, int d, FloatQuad sum)
    {
        FloatQuad largest = SplitScores.LargestOf(s, quad, range);
        KeepOne(a, s, work, quad * 4, range.Split, d, sum.X, largest.X);
        KeepOne(a, s, work, (quad * 4) + 1, range.Split, d, sum.Y, largest.Y);
        KeepOne(a, s, work, (quad * 4) + 2, range.Split, d, sum.Z, largest.Z);
        KeepOne(a, s, work, (quad * 4) + 3, range.Split, d, sum.W, largest.W);
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

    private static void KeepSums(AttentionArguments a, GroupState s, WorkEntry work, int quad, SplitRange range)
    {
        FloatQuad sum = s.ChainSums[0];
        for (int chain = 1; chain < Chains; chain++)
        {
            sum = QuadMath.Add(sum, s.ChainSums[chain]);
        }
        FloatQuad largest = SplitScores.LargestOf(s, quad, range);
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
                s.Sums[query] = before.Reference == AttentionMath.NoReference ? next : AttentionKernels.Join(before, next);
                if (work.IsPartial != 0)
                {
                    int row = query / work.HeadsTogether;
                    int head = work.FirstHead + (query % work.HeadsTogether);
                    a.PartialSums[((work.Partial + (row * work.RowPartials) + range.Split) * a.Heads) + head] = next;
                }
            }
        }
    }
}
