using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Kernels against values worked out by hand and against double arithmetic.</summary>
public sealed unsafe class KernelValueTests
{
    [Fact]
    public void Quantize_Blocks_RoundsHalvesToEven()
    {
        float[] row = new float[32];
        row[0] = 127;
        row[1] = 2.5f;
        row[2] = -3.5f;
        row[3] = 0.49999997f;
        row[4] = -0.5f;
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, 32));
        QuantizedRows result = new(memory.Pointer, 1, 32);

        foreach (CpuKernels sut in CpuKernels.Supported)
        {
            fixed (float* source = row)
            {
                sut.Quantize(source, result, 0, InputForms.Blocks);
            }
            Assert.Equal([127, 2, -4, 0, 0, 0], new Span<sbyte>(result.Bytes, 6).ToArray());
            Assert.Equal((1f, 125, 125f), (result.Scales[0], result.Sums[0], result.ScaledSums[0]));
        }
    }

    [Fact]
    public void Quantize_SuperBlocks_KeepsSumsOf16And32()
    {
        float[] row = new float[512];
        row[0] = -254;
        row[17] = 5;
        row[255] = 8;
        row[256] = 127;
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, 512));
        QuantizedRows result = new(memory.Pointer, 1, 512);

        foreach (CpuKernels sut in CpuKernels.Supported)
        {
            fixed (float* source = row)
            {
                sut.Quantize(source, result, 0, InputForms.SuperBlocks);
            }
            Assert.Equal((-127, 2, 4, 127), (result.SuperBytes[0], result.SuperBytes[17], result.SuperBytes[255], result.SuperBytes[256]));
            Assert.Equal((2f, 1f), (result.SuperScales[0], result.SuperScales[1]));
            Assert.Equal([-127, 2, 0], new Span<short>(result.Sums16, 3).ToArray());
            Assert.Equal((4, 127), (result.Sums16[15], result.Sums16[16]));
            Assert.Equal([-125, 0, 0, 0, 0, 0, 0, 4, 127], new Span<short>(result.Sums32, 9).ToArray());
        }
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
    public void Gate_SiluOverTheWholeRange_StaysWithinTwoMillionths()
    {
        float[] row = new float[32];
        for (float x = -100; x < 100; x += 0.37f)
        {
            row.AsSpan(0, 16).Fill(x);
            row.AsSpan(16, 16).Fill(1);
            fixed (float* values = row)
            {
                CpuKernels.Best.Gate(Activation.Silu, values, values + 16, 16);
            }
            double exact = x / (1 + Math.Exp(-(double)x));
            Assert.InRange(row[3] - exact, (-2e-6 * Math.Abs(exact)) - 1e-30, (2e-6 * Math.Abs(exact)) + 1e-30);
        }
    }
}
