using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>A panel in super-blocks of 256 times one or four activation rows; see <see cref="IPanelDot"/> for the arithmetic.</summary>
internal static unsafe class SuperBlockProduct<V, TCodes, TFormat>
    where V : unmanaged, IPanelVector<V>
    where TCodes : struct, ICodePlanes
    where TFormat : struct, ISuperBlockFormat
{
    private static bool SameScale
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.SubBlock == 32 && !TCodes.IsSplit;
    }

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(in Panel panel, in QuantizedRows input, int row, float* totals)
    {
        byte* codes = panel.Codes;
        byte* stored = panel.Scales;
        int blocks = panel.Blocks;
        sbyte* x = input.SuperBytes + ((long)row * input.Columns);
        long at = (long)row * blocks;
        int* sums = stackalloc int[4 * WeightMatrix.PanelRows];
        byte* room = stackalloc byte[SuperBlockScales<TFormat>.OpenBytes];
        for (int block = 0; block < blocks; block++, at++)
        {
            byte* scales = SuperBlockScales<TFormat>.Open(stored, room);
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
                V.Store(sum, sums);
                Finish(totals + lane, sums, scales, lane, input, at, 1);
            }
            x += PanelFormats.SuperBlockElements;
            codes += TCodes.Bytes * PanelFormats.SuperBlockParts;
            stored += SuperBlockScales<TFormat>.Bytes;
        }
    }

    /// <summary>Four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(in Panel panel, in QuantizedRows input, int row, float* totals)
    {
        byte* codes = panel.Codes;
        byte* stored = panel.Scales;
        int blocks = panel.Blocks;
        long stride = input.Columns;
        sbyte* x = input.SuperBytes + (row * stride);
        long at = (long)row * blocks;
        int* sums = stackalloc int[4 * WeightMatrix.PanelRows];
        byte* room = stackalloc byte[SuperBlockScales<TFormat>.OpenBytes];
        for (int block = 0; block < blocks; block++, at++)
        {
            byte* scales = SuperBlockScales<TFormat>.Open(stored, room);
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
                V.Store(sum0, sums);
                V.Store(sum1, sums + V.Lanes);
                V.Store(sum2, sums + (2 * V.Lanes));
                V.Store(sum3, sums + (3 * V.Lanes));
                Finish(totals + lane, sums, scales, lane, input, at, 4);
            }
            x += PanelFormats.SuperBlockElements;
            codes += TCodes.Bytes * PanelFormats.SuperBlockParts;
            stored += SuperBlockScales<TFormat>.Bytes;
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

    // Not inlined: it is called once for thousands of products, and the inner loops need the compiler's budget for inlining.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Finish(float* totals, int* sums, byte* scales, int lane, in QuantizedRows input, long at, int rows)
    {
        int blocks = input.SuperBlocks;
        V factors = SuperBlockScales<TFormat>.Factors<V>(scales, lane);
        V minimumFactors = TFormat.HasMinimum ? SuperBlockScales<TFormat>.MinimumFactors<V>(scales, lane) : V.Zero;
        for (int row = 0; row < rows; row++, at += blocks, totals += WeightMatrix.PanelRows, sums += V.Lanes)
        {
            V sum = V.LoadIntegers(sums);
            V below = SuperBlockScales<TFormat>.SumBelow<V>(scales, lane, input.Sums16 + (at * 16), input.Sums32 + (at * 8));
            if (TFormat.Offset != 0)
            {
                sum = V.SubtractProduct(sum, below, TFormat.Offset);
            }
            V.Finish(totals, sum, factors, input.SuperScales[at]);
            if (TFormat.HasMinimum)
            {
                V.Finish(totals, below, minimumFactors, -input.SuperScales[at]);
            }
        }
    }
}
