using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.Kernels.Suite;

/// <summary>Rows made ready for products: codes and scales as the CPU backend's, norms and gates against doubles.</summary>
public abstract class PrepareSuite : KernelSuite
{
    private const ActivationForms All = ActivationForms.Blocks | ActivationForms.SuperBlocks | ActivationForms.Floats;

    [KernelTheory]
    [InlineData(1, 256)]
    [InlineData(2, 512)]
    [InlineData(3, 4352)]
    [InlineData(1, 4608)]
    public void Plain_RandomRows_CodesAreTheCpuBackends(int rows, int width)
    {
        float[] values = Floats(rows + width, rows * width);
        PreparedRows actual = Prepare(values, rows, width, All);
        for (int row = 0; row < rows; row++)
        {
            float[] one = values[(row * width)..((row + 1) * width)];
            AssertCodes(RowReference.Blocks(one), actual.Blocks(row), 32);
            AssertCodes(RowReference.SuperBlocks(one), actual.SuperBlocks(row), 256);
            AssertSameBits(one, actual.Floats(row)[..width], "floats in chain order");
        }
    }

    [KernelFact]
    public void Plain_HandMadeBlock_HasTheCodesOfItsLargestElement()
    {
        float[] values = new float[32];
        values[0] = 127f;
        values[1] = -2.5f;
        values[2] = 3.5f;
        values[31] = -127f;
        PreparedRows actual = Prepare(values, 1, 32, ActivationForms.Blocks);
        (sbyte[] codes, float[] scales) = actual.Blocks(0);
        Assert.Equal(1f, scales[0]);
        Assert.Equal([127, -2, 4], codes[..3].Select(code => (int)code));
        Assert.Equal(-127, codes[31]);
    }

    [KernelFact]
    public void Plain_ZerosAndNaN_GiveZerosAndAScaleThatIsNaN()
    {
        float[] values = new float[512];
        values[300] = float.NaN;
        PreparedRows actual = Prepare(values, 1, 512, ActivationForms.SuperBlocks);
        (sbyte[] codes, float[] scales) = actual.SuperBlocks(0);
        Assert.Equal(0f, scales[0]);
        Assert.True(float.IsNaN(scales[1]));
        Assert.All(codes, code => Assert.Equal(0, code));
    }

    [KernelTheory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void Plain_AnyWidth_FloatsArePaddedWithZeros(int width)
    {
        float[] values = Floats(width, width);
        float[] padded = Prepare(values, 1, width, ActivationForms.Floats).Floats(0);
        AssertSameBits(values, padded.AsSpan(0, width), "floats in chain order");
        Assert.All(padded[width..], value => Assert.Equal(0f, value));
    }

    [KernelTheory]
    [InlineData(1, 1)]
    [InlineData(2, 63)]
    [InlineData(3, 129)]
    [InlineData(2, 1056)]
    public void Normed_RandomRows_IsNearDoubles(int rows, int width)
    {
        float[] values = Floats(width, rows * width);
        float[] weight = Floats(width + 1, width);
        float[] actual = Norm(values, rows, width, weight);
        for (int row = 0; row < rows; row++)
        {
            double[] expected = RowReference.Norm(values.AsSpan(row * width, width), weight, 1e-5);
            AssertNear(expected, actual.AsSpan(row * width, width), 2e-6, "norm");
        }
    }

    [KernelFact]
    public void Normed_OneToThirtyThreeRows_EachRowHasTheSameBits()
    {
        const int width = 96;
        float[] values = Floats(5, 33 * width);
        float[] weight = Floats(6, width);
        float[] all = Norm(values, 33, width, weight);
        foreach (int rows in (int[])[1, 2, 3, 8, 17, 32])
        {
            AssertSameBits(all.AsSpan(0, rows * width), Norm(values[..(rows * width)], rows, width, weight), $"{rows} rows");
        }
        AssertSameBits(all.AsSpan(20 * width, width), Norm(values[(20 * width)..(21 * width)], 1, width, weight), "row 20 alone");
    }

    [KernelTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gated_RandomRows_IsNearDoubles(bool gelu)
    {
        const int width = 70;
        float[] gate = Floats(1, width, 3f);
        float[] up = Floats(2, width);
        ActivationBuffer prepared = Own(new ActivationBuffer(Accelerator, 1, width, ActivationForms.Floats));
        new PrepareOp(Accelerator).Gated(
            Stream, Rows(gate, width), Rows(up, width), gelu, 1, prepared, ActivationForms.Floats);
        double[] expected = [.. gate.Zip(up, (g, u) => RowReference.Activate(g, gelu) * u)];
        AssertNear(expected, PreparedRows.Download(Stream, prepared, width).Floats(0).AsSpan(0, width), gelu ? 4e-3 : 2e-6, "gate");
    }

    [KernelFact]
    public void Plain_RowsThatDoNotFit_NamesBothShapes()
    {
        ActivationBuffer prepared = Own(new ActivationBuffer(Accelerator, 2, 64, ActivationForms.Blocks));
        RowsView rows = Rows(new float[3 * 64], 64);
        PrepareOp sut = new(Accelerator);
        ArgumentException tooMany = Assert.Throws<ArgumentException>(() => sut.Plain(Stream, rows, 3, prepared, ActivationForms.Blocks));
        Assert.Contains("'3 x 64'", tooMany.Message, StringComparison.Ordinal);
        Assert.Contains("'2 x 64'", tooMany.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sut.Plain(Stream, rows, 1, prepared, ActivationForms.SuperBlocks));
        Assert.Throws<ArgumentException>(() => sut.Plain(Stream, rows, 4, prepared, ActivationForms.Blocks));
    }

    [KernelFact]
    public void Plain_NoRows_ComputesNothing()
    {
        ActivationBuffer prepared = Own(new ActivationBuffer(Accelerator, 1, 64, ActivationForms.Blocks));
        new PrepareOp(Accelerator).Plain(Stream, Rows(new float[64], 64), 0, prepared, ActivationForms.Blocks);
        Assert.All(PreparedRows.Download(Stream, prepared, 64).Blocks(0).Codes, code => Assert.Equal(0, code));
    }

    private PreparedRows Prepare(float[] values, int rows, int width, ActivationForms forms)
    {
        ActivationBuffer prepared = Own(new ActivationBuffer(Accelerator, rows, width, forms));
        new PrepareOp(Accelerator).Plain(Stream, Rows(values, width), rows, prepared, forms);
        return PreparedRows.Download(Stream, prepared, width);
    }

    private float[] Norm(float[] values, int rows, int width, float[] weight)
    {
        int stride = RowsView.StrideOf(width);
        MemoryBuffer1D<float, Stride1D.Dense> output = Allocate<float>(rows * stride);
        float[] padded = new float[(width + 3) / 4 * 4];
        weight.CopyTo(padded, 0);
        new PrepareOp(Accelerator).Norm(
            Stream, Rows(values, width), Upload(padded).View.BaseView, 1e-5f, rows, new RowsView(output.View.BaseView, width, stride));
        return RowReference.Dense(Download(output), rows, width, stride);
    }

    private RowsView Rows(float[] values, int width)
    {
        int stride = RowsView.StrideOf(width);
        return new RowsView(Upload(RowReference.Strided(values, width, stride)).View.BaseView, width, stride);
    }

    // A device may divide with another last bit, which may move a code by one.
    private void AssertCodes((sbyte[] Codes, float[] Scales) expected, (sbyte[] Codes, float[] Scales) actual, int block)
    {
        int allowed = Accelerator.AcceleratorType == AcceleratorType.CPU ? 0 : 1;
        for (int i = 0; i < expected.Codes.Length; i++)
        {
            Assert.True(Math.Abs(expected.Codes[i] - actual.Codes[i]) <= allowed, $"code {i} is {actual.Codes[i]}, expected {expected.Codes[i]}.");
            float scale = expected.Scales[i / block];
            Assert.InRange(actual.Scales[i / block], scale * (1 - (1e-6f * allowed)), scale * (1 + (1e-6f * allowed)));
        }
    }
}
