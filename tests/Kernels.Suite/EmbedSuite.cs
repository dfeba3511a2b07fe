using Winnow.GpuWorker.Kernels.Rows;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;

namespace Winnow.Kernels.Suite;

/// <summary>Embeddings out of packed matrices: what the CPU backend decodes. Types that become another form exactly are held to that here.</summary>
public abstract class EmbedSuite : KernelSuite
{
    public static TheoryData<GgmlType, int> Types => new()
    {
        { GgmlType.Q4_0, 96 }, { GgmlType.Q8_0, 1056 }, { GgmlType.Q4_K, 768 }, { GgmlType.Q6_K, 4352 },
        { GgmlType.F16, 33 }, { GgmlType.BF16, 7 }, { GgmlType.F32, 300 }, { GgmlType.F32, 1 },
        { GgmlType.Q5_0, 64 }, { GgmlType.IQ4_NL, 64 }, { GgmlType.Q3_K, 512 }, { GgmlType.MXFP4, 64 },
    };

    [KernelTheory]
    [MemberData(nameof(Types))]
    public void Run_AnyType_IsTheDecodedRow(GgmlType type, int width)
    {
        ProductReference matrix = new(type, 9, width, width);
        int[] tokens = [8, 0, 3, 3];
        float[] actual = Embed(matrix, tokens, 1f);
        for (int row = 0; row < tokens.Length; row++)
        {
            double[] expected = [.. matrix.Weights(tokens[row]).ToArray().Select(weight => (double)weight)];
            AssertNear(expected, actual.AsSpan(row * width, width), expected.Max(Math.Abs) * 1e-6, $"row {row}");
        }
    }

    [KernelFact]
    public void Run_WithAScale_MultipliesByIt()
    {
        ProductReference matrix = new(GgmlType.F16, 2, 40, 1);
        float[] plain = Embed(matrix, [1], 1f);
        AssertSameBits([.. plain.Select(value => value * 3.5f)], Embed(matrix, [1], 3.5f), "scaled");
    }

    [KernelFact]
    public void Run_MatrixOfAnotherForm_IsRefused()
    {
        using MatMulCase matrix = new(Accelerator, new ProductReference(GgmlType.F16, 2, 32, 1));
        using DeviceRows output = new(Accelerator, new float[32], 32);
        EmbedOp sut = new(Accelerator, WeightForm.Q8_0);
        Assert.Throws<ArgumentException>(() => sut.Run(Stream, matrix.Weights, Upload<int>([1]).View.BaseView, 1, 1f, output.View));
    }

    private float[] Embed(ProductReference matrix, int[] tokens, float scale)
    {
        using MatMulCase packed = new(Accelerator, matrix);
        using DeviceRows output = new(Accelerator, new float[tokens.Length * matrix.Inputs], matrix.Inputs);
        new EmbedOp(Accelerator, packed.Weights.Form).Run(
            Stream, packed.Weights, Upload(tokens).View.BaseView, tokens.Length, scale, output.View);
        return output.Read(tokens.Length);
    }
}
