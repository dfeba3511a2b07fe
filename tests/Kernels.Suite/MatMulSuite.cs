using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;

namespace Winnow.Kernels.Suite;

/// <summary>Products with matrices of every type: against doubles, against the definition bit for bit, and the same for every number of rows.</summary>
public abstract class MatMulSuite : KernelSuite
{
    public static TheoryData<GgmlType, int, int> Shapes => new()
    {
        { GgmlType.Q8_0, 1, 32 }, { GgmlType.Q8_0, 17, 64 }, { GgmlType.Q8_0, 33, 288 }, { GgmlType.Q8_0, 3, 1056 },
        { GgmlType.Q4_0, 2, 32 }, { GgmlType.Q4_0, 19, 544 }, { GgmlType.Q4_0, 65, 96 },
        { GgmlType.Q4_K, 1, 256 }, { GgmlType.Q4_K, 18, 768 }, { GgmlType.Q4_K, 3, 4352 },
        { GgmlType.Q6_K, 1, 256 }, { GgmlType.Q6_K, 18, 768 }, { GgmlType.Q6_K, 3, 4352 },
        { GgmlType.F16, 1, 1 }, { GgmlType.F16, 9, 100 }, { GgmlType.F16, 33, 264 },
        { GgmlType.BF16, 7, 31 }, { GgmlType.BF16, 10, 520 },
        { GgmlType.F32, 5, 7 }, { GgmlType.F32, 11, 257 },
        { GgmlType.Q5_0, 5, 64 }, { GgmlType.IQ4_NL, 5, 64 }, { GgmlType.Q3_K, 5, 256 }, { GgmlType.MXFP4, 5, 64 },
        { GgmlType.Q4_1, 5, 64 }, { GgmlType.Q5_1, 5, 64 }, { GgmlType.Q2_K, 5, 256 }, { GgmlType.Q5_K, 5, 256 }, { GgmlType.IQ4_XS, 5, 256 },
    };

    public static TheoryData<GgmlType, int> InvarianceTypes => new()
    {
        { GgmlType.Q8_0, 576 }, { GgmlType.Q4_0, 576 }, { GgmlType.Q4_K, 512 }, { GgmlType.Q6_K, 512 },
        { GgmlType.F16, 296 }, { GgmlType.BF16, 40 }, { GgmlType.F32, 260 },
    };

    [KernelTheory]
    [MemberData(nameof(Shapes))]
    public void Run_AnyTypeAndShape_IsNearDoubles(GgmlType type, int outputs, int inputs)
    {
        const int rows = 3;
        ProductReference matrix = new(type, outputs, inputs, outputs + inputs);
        float[] values = Floats(inputs, rows * inputs);
        using MatMulCase sut = new(Accelerator, matrix);
        float[] actual = sut.Multiply(values, rows);
        for (int row = 0; row < rows; row++)
        {
            (double[] expected, double tolerance) = matrix.InDoubles(values[(row * inputs)..((row + 1) * inputs)]);
            AssertNear(expected, actual.AsSpan(row * outputs, outputs), tolerance, $"row {row}");
        }
    }

    [KernelTheory]
    [InlineData(GgmlType.Q8_0, 1056)]
    [InlineData(GgmlType.Q4_0, 544)]
    [InlineData(GgmlType.Q4_K, 4352)]
    [InlineData(GgmlType.Q6_K, 4352)]
    public void Run_IntegerForms_AreTheDefinitionBitForBit(GgmlType type, int inputs)
    {
        ProductReference matrix = new(type, 5, inputs, inputs);
        float[] values = Floats(inputs, inputs);
        using MatMulCase sut = new(Accelerator, matrix);
        float[] expected = matrix.InChains(values);
        float[] actual = sut.Multiply(values, 1);
        if (Accelerator.AcceleratorType == AcceleratorType.CPU)
        {
            AssertSameBits(expected, actual, "products");
        }
        else
        {
            double largest = expected.Max(MathF.Abs);
            AssertNear([.. expected.Select(value => (double)value)], actual, largest * 2e-6, "products");
        }
    }

    [KernelTheory]
    [MemberData(nameof(InvarianceTypes))]
    public void Run_AnyNumberOfRows_EachRowHasTheSameBits(GgmlType type, int inputs)
    {
        const int outputs = 70;
        ProductReference matrix = new(type, outputs, inputs, 9);
        float[] values = Floats(3, 66 * inputs);
        using MatMulCase sut = new(Accelerator, matrix);
        float[] all = sut.Multiply(values, 66);
        foreach (int rows in Enumerable.Range(1, 33))
        {
            AssertSameBits(all.AsSpan(0, rows * outputs), sut.Multiply(values[..(rows * inputs)], rows), $"{rows} rows");
        }
        foreach (int row in (int[])[7, 40, 65])
        {
            float[] alone = sut.Multiply(values[(row * inputs)..((row + 1) * inputs)], 1);
            AssertSameBits(all.AsSpan(row * outputs, outputs), alone, $"row {row} alone");
        }
    }

    [KernelTheory]
    [MemberData(nameof(InvarianceTypes))]
    public void Run_SharesOfTheInputs_AddUpToTheBitsOfTheWhole(GgmlType type, int inputs) => AssertSharesAddUp(type, inputs, null);

    [TensorTheory]
    [InlineData(GgmlType.Q4_0, 576)]
    [InlineData(GgmlType.Q6_K, 512)]
    [InlineData(GgmlType.F16, 296)]
    [InlineData(GgmlType.BF16, 40)]
    public void Run_SharesOnTensorCores_AddUpToTheBitsOfTheWhole(GgmlType type, int inputs) => AssertSharesAddUp(type, inputs, KernelVariant.Tensor);

    private static void AssertSharesAddUp(GgmlType type, int inputs, KernelVariant? variant)
    {
        const int outputs = 37;
        // Not as many units in each quarter, and in one case fewer units than chains.
        int unit = Math.Max(8, type.BlockElements());
        foreach (int width in (int[])[Math.Max(inputs, unit > 32 ? 6 * unit : 21 * unit), 5 * unit])
        {
            ProductReference matrix = new(type, outputs, width, 5);
            using MatMulCase whole = new(Accelerator, variant, matrix);
            foreach (int rows in (int[])[1, 3, 34])
            {
                float[] values = Floats(4, rows * width);
                float[] expected = whole.Multiply(values, rows);
                float[][] quarters = Parts(matrix, values, rows, 4, variant);
                float[][] halves = Parts(matrix, values, rows, 2, variant);
                AssertSameBits(expected, Sum(halves[0], halves[1]), $"{width} inputs, {rows} rows, two halves");
                AssertSameBits(
                    expected, Sum(Sum(quarters[0], quarters[1]), Sum(quarters[2], quarters[3])), $"{width} inputs, {rows} rows, four quarters");
            }
        }
    }

    [KernelFact]
    public void Run_HandMadeBlocks_GiveSumsWorkedOutByHand()
    {
        // One block of scale 2 with codes 1, 2, ..., 32 and one input of 127 ones: codes 127, scale 1 / 127 as a half.
        ProductReference matrix = new(GgmlType.Q8_0, 1, 32, 1);
        BitConverter.TryWriteBytes(matrix.Rows, (Half)2f);
        for (int i = 0; i < 32; i++)
        {
            matrix.Rows[2 + i] = (byte)(i + 1);
        }
        using MatMulCase sut = new(Accelerator, matrix);
        float[] ones = [.. Enumerable.Repeat(1f, 32)];
        Assert.Equal(528 * 127 * (2f * (float)(Half)(1f / 127f)), sut.Multiply(ones, 1)[0]);
    }

    [KernelTheory]
    [InlineData(1)]
    [InlineData(35)]
    public void Run_WithBiasAndAdded_AddsInThatOrder(int rows)
    {
        ProductReference matrix = new(GgmlType.Q8_0, 5, 64, 4);
        float[] values = Floats(8, rows * 64);
        float[] bias = Floats(9, 5);
        float[] onto = Floats(10, rows * 5);
        using MatMulCase sut = new(Accelerator, matrix);
        float[] plain = sut.Multiply(values, rows);
        float[] expected = [.. plain.Select((sum, i) => onto[i] + (sum + bias[i % 5]))];
        AssertSameBits(expected, sut.Multiply(values, rows, ProductResult.Add, bias, onto), "bias, then added");
    }

    [KernelTheory]
    [InlineData(false, 2)]
    [InlineData(false, 34)]
    [InlineData(true, 2)]
    public void Run_Gated_IsTheActivatedGateTimesUp(bool gelu, int rows)
    {
        ProductResult result = gelu ? ProductResult.Gelu : ProductResult.Silu;
        ProductReference matrix = new(GgmlType.Q4_0, 34, 64, 4);
        float[] values = Floats(8, rows * 64);
        using MatMulCase sut = new(Accelerator, matrix);
        float[] sums = sut.Multiply(values, rows);
        double[] expected = [.. Enumerable.Range(0, rows * 17).Select(i =>
            RowReference.Activate(sums[2 * i], gelu) * sums[(2 * i) + 1])];
        double largest = expected.Max(Math.Abs);
        AssertNear(expected, sut.Multiply(values, rows, result), largest * (gelu ? 2e-3 : 2e-6), "gated");
    }

    [KernelFact]
    public void Run_MatricesPackedTogether_GiveWhatEachGives()
    {
        ProductReference first = new(GgmlType.Q5_0, 6, 96, 1);
        ProductReference second = new(GgmlType.Q8_0, 3, 96, 2);
        float[] values = Floats(8, 2 * 96);
        using MatMulCase both = new(Accelerator, first, second);
        using MatMulCase one = new(Accelerator, first);
        using MatMulCase two = new(Accelerator, second);
        float[] actual = both.Multiply(values, 2);
        float[] expectedFirst = one.Multiply(values, 2);
        float[] expectedSecond = two.Multiply(values, 2);
        float[] expected = [.. expectedFirst[..6], .. expectedSecond[..3], .. expectedFirst[6..], .. expectedSecond[3..]];
        AssertSameBits(expected, actual, "packed together");
    }

    [KernelFact]
    public void Run_NoRows_ComputesNothing()
    {
        using MatMulCase sut = new(Accelerator, new ProductReference(GgmlType.Q8_0, 5, 64, 4));
        Assert.Empty(sut.Multiply([], 0));
    }

    [KernelFact]
    public unsafe void UploadAlternating_GateAndUp_LieSideBySide()
    {
        ProductReference gate = new(GgmlType.Q8_0, 5, 64, 1);
        ProductReference up = new(GgmlType.Q5_0, 5, 64, 2);
        float[] values = Floats(8, 64);
        using MatMulCase gates = new(Accelerator, gate);
        using MatMulCase ups = new(Accelerator, up);
        using MatMulCase sut = new(Accelerator, gate, up);
        fixed (byte* gateRows = gate.Rows)
        fixed (byte* upRows = up.Rows)
        {
            using WeightPacker packer = new(Stream, stagingBytes: 300);
            packer.UploadAlternating(sut.Weights, 0, gate.Type, gateRows, up.Type, upRows, 5);
        }
        float[] expected = [.. gates.Multiply(values, 1).Zip(ups.Multiply(values, 1)).SelectMany(pair => (float[])[pair.First, pair.Second])];
        AssertSameBits(expected, sut.Multiply(values, 1), "alternating");
    }

    [KernelTheory]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.Q3_K)]
    [InlineData(GgmlType.Q5_1)]
    public unsafe void Upload_ByAnyThreadsThroughAnyStaging_GivesTheSameBytes(GgmlType type)
    {
        ProductReference matrix = new(type, 37, 512, 5);
        WeightBuffer one = Packed(1, WeightPacker.DefaultStagingBytes);
        WeightBuffer sut = Packed(5, 3000);
        AssertSame(one.Views.Codes, sut.Views.Codes);
        AssertSame(one.Views.Scales, sut.Views.Scales);
        AssertSame(one.Views.Factors, sut.Views.Factors);
        AssertSame(one.Views.MinimumFactors, sut.Views.MinimumFactors);

        WeightBuffer Packed(int threads, long stagingBytes)
        {
            WeightBuffer buffer = Own(new WeightBuffer(Accelerator, WeightForms.Of(type), 37, 512));
            using WeightPacker packer = new(Stream, threads, stagingBytes);
            fixed (byte* rows = matrix.Rows)
            {
                packer.Upload(buffer, 0, type, rows, 37);
            }
            return buffer;
        }

        static void AssertSame<T>(ILGPU.ArrayView<T> expected, ILGPU.ArrayView<T> actual)
            where T : unmanaged
        {
            if (expected.Length > 0)
            {
                Assert.Equal(expected.GetAsArray(Stream), actual.GetAsArray(Stream));
            }
        }
    }

    private static float[] Sum(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static float[][] Parts(ProductReference matrix, float[] values, int rows, int count, KernelVariant? variant) =>
    [
        .. Enumerable.Range(0, count).Select(part =>
        {
            InputShare share = new(matrix.Inputs, part * ChainLayout.Quarters / count, ChainLayout.Quarters / count);
            using MatMulCase sut = new(Accelerator, variant, share, matrix);
            (int first, int width) = sut.Weights.Form.Inputs(share);
            return sut.Multiply(
                [.. Enumerable.Range(0, rows).SelectMany(row => values[((row * matrix.Inputs) + first)..((row * matrix.Inputs) + first + width)])], rows);
        }),
    ];

    [KernelFact]
    public unsafe void Upload_RowsThatDoNotFit_AreRefused()
    {
        ProductReference matrix = new(GgmlType.Q8_0, 4, 64, 1);
        using MatMulCase sut = new(Accelerator, matrix);
        using WeightPacker packer = new(Stream);
        fixed (byte* rows = matrix.Rows)
        {
            byte* data = rows;
            Assert.Throws<ArgumentException>(() => packer.Upload(sut.Weights, 1, GgmlType.Q8_0, data, 4));
            Assert.Throws<ArgumentException>(() => packer.Upload(sut.Weights, 0, GgmlType.Q4_0, data, 4));
            Assert.Throws<ArgumentException>(() => packer.Upload(sut.Weights, -1, GgmlType.Q8_0, data, 1));
        }
    }

    [KernelFact]
    public void Run_ShapesThatDoNotFit_NamesBoth()
    {
        using MatMulCase matrix = new(Accelerator, new ProductReference(GgmlType.Q8_0, 5, 64, 4));
        using ActivationBuffer prepared = new(Accelerator, 2, 64, ActivationForms.Blocks);
        using ActivationBuffer narrow = new(Accelerator, 2, 32, ActivationForms.Blocks);
        using DeviceRows output = new(Accelerator, new float[2 * 5], 5);
        using MatMulOp sut = new(Accelerator);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => sut.Run(Stream, matrix.Weights, narrow, 2, output.View));
        Assert.Contains("'2 x 64'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'2 x 32'", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sut.Run(Stream, matrix.Weights, prepared, 3, output.View));
        Assert.Throws<ArgumentException>(() => sut.Run(Stream, matrix.Weights, prepared, 2, output.View, ProductResult.Silu));
        Assert.Throws<ArgumentException>(() => sut.Run(
            Stream, matrix.Weights, prepared, 2, output.View, ProductResult.Store, Upload(new float[4]).View.BaseView));
    }

    [KernelFact]
    public void WeightBuffer_InputsThatAreNoWholeUnits_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new WeightBuffer(Accelerator, WeightForm.Q4_K, 2, 320));
}
