namespace Winnow.Inference.Cpu;

/// <summary>The reference: one output at a time, one product at a time.</summary>
internal unsafe struct PanelDotScalar : IPanelDot
{
    public static bool IsSupported => true;

    public static void Q8x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int lane = 0; lane < WeightMatrix.PanelRows; lane++)
        {
            float acc = 0;
            for (int block = 0; block < input.Blocks; block++)
            {
                sbyte* x = input.Bytes + ((long)row * input.Columns) + (block * 32);
                int sum = 0;
                for (int k = 0; k < 32; k++)
                {
                    sum += (sbyte)quants[(block * 512L) + (k / 4 * 64) + (lane * 4) + (k % 4)] * x[k];
                }
                float scale = HalfBits.Widen(scales[(block * 16L) + lane]) * input.Scales[((long)row * input.Blocks) + block];
                acc = MathF.FusedMultiplyAdd(sum, scale, acc);
            }
            result[lane] = acc;
        }
    }

    public static void Q8x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int i = 0; i < 4; i++)
        {
            Q8x1(quants, scales, input, row + i, result + (16 * i));
        }
    }

    public static void Q4x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int lane = 0; lane < WeightMatrix.PanelRows; lane++)
        {
            float acc = 0;
            for (int block = 0; block < input.Blocks; block++)
            {
                sbyte* x = input.Bytes + ((long)row * input.Columns) + (block * 32);
                int sum = 0;
                for (int k = 0; k < 16; k++)
                {
                    int packed = quants[(block * 256L) + (k / 4 * 64) + (lane * 4) + (k % 4)];
                    sum += (((packed & 15) - 8) * x[k]) + (((packed >> 4) - 8) * x[k + 16]);
                }
                float scale = HalfBits.Widen(scales[(block * 16L) + lane]) * input.Scales[((long)row * input.Blocks) + block];
                acc = MathF.FusedMultiplyAdd(sum, scale, acc);
            }
            result[lane] = acc;
        }
    }

    public static void Q4x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int i = 0; i < 4; i++)
        {
            Q4x1(quants, scales, input, row + i, result + (16 * i));
        }
    }
}
