namespace Winnow.Inference.Cpu.Panels;

/// <summary>The reference: one output at a time, one product at a time.</summary>
internal unsafe struct ScalarPanelDot : IPanelDot
{
    public static bool IsSupported => true;

    public static int RowsTogether(int left) => 1;

    public static void Blocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, IBlockFormat
    {
        for (int i = 0; i < rows * WeightMatrix.PanelRows; i++)
        {
            int lane = i % WeightMatrix.PanelRows;
            long first = (row + (i / WeightMatrix.PanelRows)) * (long)panel.Blocks;
            for (int block = 0; block < panel.Blocks; block++)
            {
                byte* planes = panel.Codes + ((long)block * TCodes.Bytes) + (lane * 4);
                byte* scales = panel.Scales + ((long)block * BlockScales<TFormat>.Bytes);
                sbyte* x = input.Bytes + ((first + block) * PanelFormats.BlockElements);
                int sum = 0;
                for (int k = 0; k < PanelFormats.BlockElements; k++)
                {
                    sum += (TCodes.At(planes, k) - TFormat.Offset) * x[k];
                }
                totals[i] = MathF.FusedMultiplyAdd(sum, BlockScales<TFormat>.At(scales, lane) * input.Scales[first + block], totals[i]);
                if (TFormat.HasMinimum)
                {
                    float minimum = BlockScales<TFormat>.MinimumAt(scales, lane);
                    totals[i] = MathF.FusedMultiplyAdd(minimum, input.ScaledSums[first + block], totals[i]);
                }
            }
        }
    }

    public static void Floats<TElements>(in Panel panel, in ActivationRows input, int row, int rows, float* totals)
        where TElements : struct, IElements => FloatProduct<LanesScalar, TElements>.Run(panel, input, row, rows, totals);

    public static void SuperBlocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, ISuperBlockFormat
    {
        byte* room = stackalloc byte[SuperBlockScales<TFormat>.OpenBytes];
        for (int i = 0; i < rows * WeightMatrix.PanelRows; i++)
        {
            int lane = i % WeightMatrix.PanelRows;
            long first = (row + (i / WeightMatrix.PanelRows)) * (long)panel.Blocks;
            for (int block = 0; block < panel.Blocks; block++)
            {
                byte* planes = panel.Codes + ((long)block * PanelFormats.SuperBlockParts * TCodes.Bytes) + (lane * 4);
                byte* scales = SuperBlockScales<TFormat>.Open(panel.Scales + ((long)block * SuperBlockScales<TFormat>.Bytes), room);
                sbyte* x = input.SuperBytes + ((first + block) * PanelFormats.SuperBlockElements);
                int sum = 0;
                int minima = 0;
                for (int k = 0; k < PanelFormats.SuperBlockElements; k++)
                {
                    int code = TCodes.At(planes + (k / PanelFormats.BlockElements * TCodes.Bytes), k % PanelFormats.BlockElements);
                    sum += SuperBlockScales<TFormat>.At(scales, lane, k / TFormat.SubBlock) * (code - TFormat.Offset) * x[k];
                    minima += TFormat.HasMinimum ? SuperBlockScales<TFormat>.MinimumAt(scales, lane, k / TFormat.SubBlock) * x[k] : 0;
                }
                float scale = input.SuperScales[first + block];
                totals[i] = MathF.FusedMultiplyAdd(sum, SuperBlockScales<TFormat>.FactorAt(scales, lane) * scale, totals[i]);
                if (TFormat.HasMinimum)
                {
                    totals[i] = MathF.FusedMultiplyAdd(minima, SuperBlockScales<TFormat>.MinimumFactorAt(scales, lane) * -scale, totals[i]);
                }
            }
        }
    }
}
