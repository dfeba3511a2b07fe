using Winnow.Inference.Cpu;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Kernels against values worked out by hand and against double arithmetic.</summary>
public sealed unsafe class KernelValueTests
{
    [Fact]
    public void Quantize_Halves_RoundAwayFromZero()
    {
        float[] row = new float[32];
        row[0] = 127;
        row[1] = 2.5f;
        row[2] = -2.5f;
        row[3] = 0.49999997f;
        row[4] = -0.5f;
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, 32));
        QuantizedRows result = new(memory.Pointer, 1, 32);

        foreach (CpuKernels sut in CpuKernels.Supported)
        {
            fixed (float* source = row)
            {
                sut.Quantize(source, result, 0);
            }
            Assert.Equal([127, 3, -3, 0, -1, 0], new Span<sbyte>(result.Bytes, 6).ToArray());
            Assert.Equal([127, 3, -3, 0, -1, 0], new Span<short>(result.Words, 6).ToArray());
            Assert.Equal((1f, 126), (result.Scales[0], result.Sums[0]));
        }
    }

    [Fact]
    public void MatMul_HandMadeQ8Block_GivesTheProduct()
    {
        byte[] block = new byte[34];
        BitConverter.TryWriteBytes(block, (Half)0.5f);
        block[2] = unchecked((byte)-128);
        block[3] = 3;
        block[33] = 100;

        Assert.All(CpuKernels.Supported, sut => Assert.Equal(0.5f * ((-128 * 127) + (3 * -10) + (100 * 1)), Product(sut, GgmlType.Q8_0, block)));
    }

    [Fact]
    public void MatMul_HandMadeQ4Block_GivesTheProduct()
    {
        byte[] block = new byte[18];
        BitConverter.TryWriteBytes(block, (Half)0.25f);
        block.AsSpan(2).Fill(0x88);
        block[2] = 0x8F;  // input 0 has code 15 - 8
        block[3] = 0x80;  // input 1 has code 0 - 8
        block[17] = 0x18; // input 31 has code 1 - 8

        Assert.All(CpuKernels.Supported, sut => Assert.Equal(0.25f * ((7 * 127) + (-8 * -10) + (-7 * 1)), Product(sut, GgmlType.Q4_0, block)));
    }

    [Theory]
    [InlineData(GgmlType.F32, 1e-5)]
    [InlineData(GgmlType.F16, 1e-5)]
    public void MatMul_FloatWeights_AgreeWithDoubles(GgmlType type, double tolerance)
    {
        const int Columns = 77;
        using KernelCase data = new(type, outputs: 3, Columns, rows: 2, seed: 9);
        float[] result = data.Multiply(CpuKernels.Best);

        double exact = 0;
        double magnitude = 0;
        for (int k = 0; k < Columns; k++)
        {
            int index = (2 * Columns) + k;
            double weight = type == GgmlType.F32 ? ((float*)data.Weights)[index] : (double)((Half*)data.Weights)[index];
            exact += weight * data.Input[80 + k];
            magnitude += Math.Abs(weight * data.Input[80 + k]);
        }
        Assert.InRange(result[5] - exact, -tolerance * magnitude, tolerance * magnitude);
    }

    [Fact]
    public void RmsNorm_OnesAndTwos_DividesByTheRoot()
    {
        float[] row = new float[48];
        row.AsSpan(0, 4).Fill(2);
        row.AsSpan(16, 4).Fill(3);
        fixed (float* x = row)
        {
            CpuKernels.Best.RmsNorm(x, x + 16, 4, 0, x + 32);
        }

        Assert.Equal([3f, 3f, 3f, 3f, 0f], row.AsSpan(32, 5).ToArray());
    }

    [Fact]
    public void SiluMultiply_WholeRange_StaysWithinTwoMillionths()
    {
        float[] row = new float[32];
        for (float x = -100; x < 100; x += 0.37f)
        {
            row.AsSpan(0, 16).Fill(x);
            row.AsSpan(16, 16).Fill(1);
            fixed (float* values = row)
            {
                CpuKernels.Best.SiluMultiply(values, values + 16, 16);
            }
            double exact = x / (1 + Math.Exp(-(double)x));
            Assert.InRange(row[3] - exact, (-2e-6 * Math.Abs(exact)) - 1e-30, (2e-6 * Math.Abs(exact)) + 1e-30);
        }
    }

    // Inputs 127, -10, 0, ..., 0, 1 are their own codes with scale 1.
    private static float Product(CpuKernels kernels, GgmlType type, byte[] block)
    {
        float[] row = new float[32];
        (row[0], row[1], row[31]) = (127, -10, 1);
        float result = 0;
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, 32));
        QuantizedRows quantized = new(memory.Pointer, 1, 32);
        fixed (byte* weights = block)
        {
            fixed (float* x = row)
            {
                using WeightMatrix matrix = WeightMatrix.Create(type, 1, 32, weights);
                kernels.Quantize(x, quantized, 0);
                ActivationRows input = new((IntPtr)x, 32, quantized);
                kernels.MatMul(matrix, input, 1, 0, 1, new OutputRows((IntPtr)(&result), 16, Add: false));
            }
        }
        return result;
    }
}
