using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>A panel in blocks of 32 times one or four activation rows; see <see cref="IPanelDot"/> for the arithmetic.</summary>
internal static unsafe class BlockProduct<V, TCodes, TFormat>
    where V : unmanaged, IPanelVector<V>
    where TCodes : struct, ICodePlanes
    where TFormat : struct, IBlockFormat
{
    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(in Panel panel, in QuantizedRows input, int row, float* totals)
    {
        byte* codes = panel.Codes;
        byte* scales = panel.Scales;
        int blocks = panel.Blocks;
        sbyte* x = input.Bytes + ((long)row * input.Columns);
        long at = (long)row * blocks;
        for (int block = 0; block < blocks; block++, at++)
        {
            for (int lane = 0; lane < WeightMatrix.PanelRows; lane += V.Lanes)
            {
                byte* planes = codes + (lane * 4);
                V a = V.Zero, b = V.Zero;
                Chunks<V, TCodes>.Step(planes, 0, x, ref a, ref b);
                Chunks<V, TCodes>.Step(planes, 1, x, ref a, ref b);
                Chunks<V, TCodes>.Step(planes, 2, x, ref a, ref b);
                Chunks<V, TCodes>.Step(planes, 3, x, ref a, ref b);
                V scale = BlockScales<TFormat>.Load<V>(scales, lane);
                V minimum = TFormat.HasMinimum ? BlockScales<TFormat>.LoadMinima<V>(scales, lane) : V.Zero;
                Finish(totals + lane, a, b, scale, minimum, input, at);
            }
            x += PanelFormats.BlockElements;
            codes += TCodes.Bytes;
            scales += BlockScales<TFormat>.Bytes;
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
        sbyte* x = input.Bytes + (row * stride);
        long at = (long)row * blocks;
        for (int block = 0; block < blocks; block++, at++)
        {
            for (int lane = 0; lane < WeightMatrix.PanelRows; lane += V.Lanes)
            {
                byte* planes = codes + (lane * 4);
                V a0 = V.Zero, b0 = V.Zero, a1 = V.Zero, b1 = V.Zero, a2 = V.Zero, b2 = V.Zero, a3 = V.Zero, b3 = V.Zero;
                Chunks<V, TCodes>.Step(planes, 0, x, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                Chunks<V, TCodes>.Step(planes, 1, x, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                Chunks<V, TCodes>.Step(planes, 2, x, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                Chunks<V, TCodes>.Step(planes, 3, x, stride, ref a0, ref b0, ref a1, ref b1, ref a2, ref b2, ref a3, ref b3);
                V scale = BlockScales<TFormat>.Load<V>(scales, lane);
                V minimum = TFormat.HasMinimum ? BlockScales<TFormat>.LoadMinima<V>(scales, lane) : V.Zero;
                Finish(totals + lane, a0, b0, scale, minimum, input, at);
                Finish(totals + lane + 16, a1, b1, scale, minimum, input, at + blocks);
                Finish(totals + lane + 32, a2, b2, scale, minimum, input, at + (2L * blocks));
                Finish(totals + lane + 48, a3, b3, scale, minimum, input, at + (3L * blocks));
            }
            x += PanelFormats.BlockElements;
            codes += TCodes.Bytes;
            scales += BlockScales<TFormat>.Bytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* total, V a, V b, V scale, V minimum, in QuantizedRows input, long at)
    {
        V sum = Chunks<V, TCodes>.Sum(V.Zero, a, b, V.Scale(1), V.Scale(TCodes.IsSplit ? (short)16 : (short)1), same: !TCodes.IsSplit);
        if (TFormat.Offset != 0)
        {
            sum = V.Subtract(sum, TFormat.Offset * input.Sums[at]);
        }
        V.Finish(total, sum, scale, input.Scales[at]);
        if (TFormat.HasMinimum)
        {
            V.Finish(total, minimum, input.ScaledSums[at]);
        }
    }
}
