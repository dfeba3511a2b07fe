using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.Inference.Files;

namespace Winnow.Kernels.Suite;

/// <summary>Products of integers on tensor cores: bit for bit those of the kernels without.</summary>
public abstract class TensorProductsSuite : KernelSuite
{
    [TensorTheory]
    [InlineData(GgmlType.Q8_0, 32, 1, 65)]
    [InlineData(GgmlType.Q8_0, 288, 130, 40)]
    [InlineData(GgmlType.Q8_0, 1056, 5, 40)]
    [InlineData(GgmlType.Q4_0, 64, 129, 34)]
    [InlineData(GgmlType.Q4_0, 544, 3, 63)]
    [InlineData(GgmlType.Q4_K, 256, 9, 64)]
    [InlineData(GgmlType.Q4_K, 4864, 3, 33)]
    [InlineData(GgmlType.Q6_K, 512, 131, 33)]
    [InlineData(GgmlType.Q6_K, 4352, 2, 35)]
    public void Run_ManyRows_HaveTheBitsOfTilesWithoutTensorCores(GgmlType type, int inputs, int outputs, int rows)
    {
        ProductReference matrix = new(type, outputs, inputs, outputs + inputs);
        float[] values = Floats(inputs, rows * inputs);
        using MatMulCase dot = new(Accelerator, KernelVariant.Dp4a, matrix);
        using MatMulCase sut = new(Accelerator, KernelVariant.Tensor, matrix);
        AssertSameBits(dot.Multiply(values, rows), sut.Multiply(values, rows), "products");
    }

    [TensorTheory]
    [InlineData(GgmlType.Q8_0, 96)]
    [InlineData(GgmlType.Q4_K, 256)]
    public void Run_LargestNumbers_DoNotOverflow(GgmlType type, int inputs)
    {
        ProductReference matrix = new(type, 4, inputs, 1);
        Array.Fill<byte>(matrix.Rows, 0x7B); // halves of 61,280, codes of 123, scales and minima of 59
        float[] values = new float[33 * inputs];
        Array.Fill(values, -1f);
        using MatMulCase dot = new(Accelerator, KernelVariant.Dp4a, matrix);
        using MatMulCase sut = new(Accelerator, KernelVariant.Tensor, matrix);
        float[] expected = dot.Multiply(values, 33);
        Assert.All(expected, value => Assert.True(float.IsFinite(value) && value != 0));
        AssertSameBits(expected, sut.Multiply(values, 33), "products");
    }

    [TensorTheory]
    [InlineData(ProductResult.Add)]
    [InlineData(ProductResult.Silu)]
    public void Run_Result_IsFinishedAsWithoutTensorCores(object result)
    {
        const int rows = 37;
        ProductReference matrix = new(GgmlType.Q4_0, 34, 64, 4);
        float[] values = Floats(8, rows * 64);
        float[] bias = Floats(9, 34);
        float[] onto = Floats(10, rows * ((ProductResult)result == ProductResult.Add ? 34 : 17));
        using MatMulCase dot = new(Accelerator, KernelVariant.Dp4a, matrix);
        using MatMulCase sut = new(Accelerator, KernelVariant.Tensor, matrix);
        float[] expected = dot.Multiply(values, rows, (ProductResult)result, bias, onto);
        AssertSameBits(expected, sut.Multiply(values, rows, (ProductResult)result, bias, onto), "results");
    }

    [TensorTheory]
    [InlineData(GgmlType.F16, 1, 1)]
    [InlineData(GgmlType.F16, 100, 9)]
    [InlineData(GgmlType.F16, 1064, 17)]
    [InlineData(GgmlType.BF16, 31, 7)]
    [InlineData(GgmlType.BF16, 520, 130)]
    public void Run_Floats_AreNearDoubles(GgmlType type, int inputs, int outputs)
    {
        const int rows = 3;
        ProductReference matrix = new(type, outputs, inputs, outputs + inputs);
        float[] values = Floats(inputs, rows * inputs);
        Array.ForEach([0, 1], row => values[row * inputs] *= row == 0 ? 3e6f : 1e-12f);
        for (int i = 2 * inputs; i < values.Length; i++)
        {
            values[i] *= 1e-20f;
        }
        using MatMulCase sut = new(Accelerator, KernelVariant.Tensor, matrix);
        float[] actual = sut.Multiply(values, rows);
        for (int row = 0; row < rows; row++)
        {
            (double[] expected, double tolerance) = matrix.InDoubles(values[(row * inputs)..((row + 1) * inputs)]);
            AssertNear(expected, actual.AsSpan(row * outputs, outputs), tolerance, $"row {row}");
        }
    }

    [TensorTheory]
    [InlineData(GgmlType.F16, 296)]
    [InlineData(GgmlType.BF16, 40)]
    public void Run_FloatsOfAnyNumberOfRows_EachRowHasTheSameBits(GgmlType type, int inputs)
    {
        const int outputs = 70;
        ProductReference matrix = new(type, outputs, inputs, 9);
        float[] values = Floats(3, 66 * inputs);
        using MatMulCase sut = new(Accelerator, KernelVariant.Tensor, matrix);
        float[] all = sut.Multiply(values, 66);
        foreach (int rows in (int[])[1, 2, 7, 8, 9, 16, 17, 32, 33])
        {
            AssertSameBits(all.AsSpan(0, rows * outputs), sut.Multiply(values[..(rows * inputs)], rows), $"{rows} rows");
        }
        foreach (int row in (int[])[7, 40, 65])
        {
            float[] alone = sut.Multiply(values[(row * inputs)..((row + 1) * inputs)], 1);
            AssertSameBits(all.AsSpan(row * outputs, outputs), alone, $"row {row} alone");
        }
    }
}
