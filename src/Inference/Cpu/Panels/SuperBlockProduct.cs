using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>A panel in super-blocks of 256 times one or four activation rows; see <see cref="IPanelDot"/> for the arithmetic.</summary>
internal static unsafe class SuperBlockProduct<V, TCodes, TFormat>
    where V : unmanaged, IPanelVector<V>
    where TCodes : struct, ICodePlanes
    where TFormat : struct, ISuperBlockFormat
{
    private static bool SameScale => TFormat.SubBlock == 32 && !TCodes.IsSplit;

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(in Panel panel, in QuantizedRows input, int row, float* totals)
    {
        byte* codes = panel.Codes;
        byte* scales = panel.Scales;
        int blocks = panel.Blocks;
        sbyte* x = input.SuperBytes + ((long)row * input.Columns);
        long at = (long)row * blocks;
        for (int block = 0; block < blocks; block++, at++)
        {
            for (int lane = 0; lane < WeightMatrix.PanelRows; lane += V.Lanes)
            {
                V sum = V.Zero;
                for (int part = 0; part < PanelFormats.SuperBlockParts; part++)
                {
                    byte* planes = codes + (part * TCodes.Bytes) + (lane * 4);
                    sbyte* inputs = x + (part * PanelFormats.BlockElements);
                    LoadScales(scales, lane, part, out V first, out V second);
                    V a = V.Zero, b = V.Zero;
                    Chunks<V, TCodes>.Step(planes, 0, inputs, ref a, ref b);
                    Chunks<V, TCodes>.Step(planes, 1, inputs, ref a, ref b);
                    if (Chunks<V, TCodes>.TwoHalves)
                    {
                        sum = Chunks<V, TCodes>.Sum(sum, a, b, first, second, SameScale);
                        a = b = V.Zero;
                    }
                    Chunks<V, TCodes>.Step(planes, 2, inputs, ref a, ref b);
                    Chunks<V, TCodes>.Step(planes, 3, inputs, ref a, ref b);
                    sum = Chunks<V, TCodes>.Sum(sum, a, b, first, second, SameScale);
                }
                Finish(totals + lane, sum, scales, lane, input, at);
            }
            x += PanelFormats.SuperBlockElements;
            codes += TCodes.Bytes * PanelFormats.SuperBlockParts;
            scales += SuperBlockScales<TFormat>.Bytes;
        }
    }

    /// <summary>Four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(in Panel panel, in QuantizedRows input, int row, float* totals)
    {
        byte* codes = panel.Codes;
        byte* scales = panel.Scales;
        int blocks = panel.Blocks;
        long stride = input.Columns;
        sbyte* x = input.SuperBytes + (row * stride);
        long at = (long)row * blocks;
        for (int block = 0; block < blocks; block++, at++)
        {
            for (int lane = 0; lane < WeightMatrix.PanelRows; lane += V.Lanes)
            {
                V sum0 = V.Zero, sum1 = V.Zero, sum2 = V.Zero, sum3 = V.Zero;
                for (int part = 0; part < PanelFormats.SuperBlockParts; part++)
                {
                    byte* planes = codes + (part * TCodes.Bytes) + (lane * 4);
                    sbyte* inputs = x + (part * PanelFormats.BlockElements);
                    LoadScales(scales, lane, part, out V first, out V second);
                    V a0 = V.Zero, b0 = V.Zero, a1 = V.Zero, b1 = V.Zero, a2 = V.Zero, b2 = V.Zero, a3 = V.Zero, b3 = V.Zero;
                    Chunks<V, TCodes>.Step(planes, 0, inputs, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                    Chunks<V, TCodes>.Step(planes, 1, inputs, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                    if (Chunks<V, TCodes>.TwoHalves)
                    {
                        sum0 = Chunks<V, TCodes>.Sum(sum0, a0, b0, first, second, SameScale);
                        sum1 = Chunks<V, TCodes>.Sum(sum1, a1, b1, first, second, SameScale);
                        sum2 = Chunks<V, TCodes>.Sum(sum2, a2, b2, first, second, SameScale);
                        sum3 = Chunks<V, TCodes>.Sum(sum3, a3, b3, first, second, SameScale);
                        a0 = b0 = a1 = b1 = a2 = b2 = a3 = b3 = V.Zero;
                    }
                    Chunks<V, TCodes>.Step(planes, 2, inputs, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                    Chunks<V, TCodes>.Step(planes, 3, inputs, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                    sum0 = Chunks<V, TCodes>.Sum(sum0, a0, b0, first, second, SameScale);
                    sum1 = Chunks<V, TCodes>.Sum(sum1, a1, b1, first, second, SameScale);
                    sum2 = Chunks<V, TCodes>.Sum(sum2, a2, b2, first, second, SameScale);
                    sum3 = Chunks<V, TCodes>.Sum(sum3, a3, b3, first, second, SameScale);
                }
                Finish(totals + lane, sum0, scales, lane, input, at);
                Finish(totals + lane + 16, sum1, scales, lane, input, at + blocks);
                Finish(totals + lane + 32, sum2, scales, lane, input, at + (2L * blocks));
                Finish(totals + lane + 48, sum3, scales, lane, input, at + (3L * blocks));
            }
            x += PanelFormats.SuperBlockElements;
            codes += TCodes.Bytes * PanelFormats.SuperBlockParts;
            scales += SuperBlockScales<TFormat>.Bytes;
        }
    }

    // Scales of the two partial sums: of the two halves of the inputs, or of the codes' low and high nibbles.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadScales(byte* scales, int lane, int part, out V first, out V second)
    {
        SuperBlockScales<TFormat>.Load(scales, lane, part, out first, out second);
        if (TCodes.IsSplit)
        {
            second = V.Times16(first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* total, V sum, byte* scales, int lane, in QuantizedRows input, long at)
    {
        V below = V.Zero;
        if (TFormat.HasMinimum || TFormat.Offset != 0)
        {
            below = SuperBlockScales<TFormat>.SumBelow<V>(scales, lane, input.Sums16 + (at * 16), input.Sums32 + (at * 8));
        }
        if (TFormat.Offset != 0)
        {
            sum = V.SubtractProduct(sum, below, TFormat.Offset);
        }
        V.Finish(total, sum, SuperBlockScales<TFormat>.Factors<V>(scales, lane), input.SuperScales[at]);
        if (TFormat.HasMinimum)
        {
            V.Finish(total, below, SuperBlockScales<TFormat>.MinimumFactors<V>(scales, lane), -input.SuperScales[at]);
        }
    }
}
