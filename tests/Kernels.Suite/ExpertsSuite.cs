using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Experts;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;

namespace Winnow.Kernels.Suite;

/// <summary>Experts: chosen, multiplied with, summed.</summary>
public abstract class ExpertsSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 8, 2)]
    [InlineData(2, 60, 4)]
    [InlineData(1, 128, 128)]
    public void Route_RandomScores_ChoosesTheBestWithTheirShares(int rows, int experts, int used)
    {
        float[] scores = Floats(experts, rows * experts, 2f);
        (int[] chosen, float[] shares) = Route(scores, rows, experts, used);
        for (int row = 0; row < rows; row++)
        {
            double[] all = [.. scores[(row * experts)..((row + 1) * experts)].Select(score => (double)score)];
            int[] expected = [.. Enumerable.Range(0, experts).OrderByDescending(expert => all[expert]).ThenBy(expert => expert).Take(used)];
            Assert.Equal(expected, chosen[(row * used)..((row + 1) * used)]);
            double sum = expected.Sum(expert => Math.Exp(all[expert]));
            double[] expectedShares = [.. expected.Select(expert => Math.Exp(all[expert]) / sum)];
            AssertNear(expectedShares, shares.AsSpan(row * used, used), 2e-6, "shares");
        }
    }

    [KernelFact]
    public void Route_EqualScores_TakesTheLowestExperts()
    {
        (int[] chosen, float[] shares) = Route([1f, 2f, 1f, 2f, 1f], 1, 5, 4);
        Assert.Equal([1, 3, 0, 2], chosen);
        Assert.Equal(shares[0], shares[1]);
    }

    [KernelFact]
    public void Route_ScoresThatAreNoNumbers_StaysWithinTheExperts()
    {
        (int[] chosen, _) = Route([.. Enumerable.Repeat(float.NaN, 7)], 1, 7, 3);
        Assert.All(chosen, expert => Assert.InRange(expert, 0, 6));
    }

    [KernelTheory]
    [InlineData(GgmlType.Q8_0, 96)]
    [InlineData(GgmlType.Q4_K, 256)]
    [InlineData(GgmlType.F16, 40)]
    public void RunExperts_EveryResult_HasTheBitsOfTheExpertsOwnProduct(GgmlType type, int inputs)
    {
        const int outputs = 19;
        ProductReference[] experts = [.. Enumerable.Range(0, 3).Select(expert => new ProductReference(type, outputs, inputs, expert))];
        float[] values = Floats(1, 2 * inputs);
        int[] chosen = [2, 0, 1, 2];
        float[] actual = Multiply(experts, values, chosen, 2);
        for (int i = 0; i < chosen.Length; i++)
        {
            using MatMulCase alone = new(Accelerator, experts[chosen[i]]);
            float[] expected = alone.Multiply(values[(i / 2 * inputs)..(((i / 2) + 1) * inputs)], 1);
            AssertSameBits(expected, actual.AsSpan(i * outputs, outputs), $"result {i}");
        }
    }

    [KernelTheory]
    [InlineData(GgmlType.Q8_0, 64, 130)]
    [InlineData(GgmlType.Q6_K, 256, 20)]
    [InlineData(GgmlType.F16, 40, 64)]
    public void RunExperts_ManyResults_HaveTheBitsOfFew(GgmlType type, int inputs, int results)
    {
        const int outputs = 21;
        ProductReference[] experts = [.. Enumerable.Range(0, 4).Select(expert => new ProductReference(type, outputs, inputs, expert))];
        float[] values = Floats(1, results / 2 * inputs);

        // Expert 1 has most, expert 2 none.
        int[] chosen = [.. Enumerable.Range(0, results).Select(i => i % 7 == 0 ? 0 : i % 11 == 0 ? 3 : 1)];
        float[] actual = Multiply(experts, values, chosen, 2);
        foreach (int i in (int[])[0, 1, 7, 11, results - 1])
        {
            float[] alone = Multiply(experts, values[(i / 2 * inputs)..(((i / 2) + 1) * inputs)], [chosen[i]], 1);
            AssertSameBits(alone, actual.AsSpan(i * outputs, outputs), $"result {i}");
        }
    }

    [TensorTheory]
    [InlineData(GgmlType.Q8_0, 64)]
    [InlineData(GgmlType.Q6_K, 256)]
    public void RunExperts_OnTensorCores_HaveTheBitsWithout(GgmlType type, int inputs)
    {
        const int results = 86;
        ProductReference[] experts = [.. Enumerable.Range(0, 3).Select(expert => new ProductReference(type, 21, inputs, expert))];
        float[] values = Floats(1, results / 2 * inputs);
        int[] chosen = [.. Enumerable.Range(0, results).Select(i => i % 7 == 0 ? 0 : 2)];
        float[] expected = Multiply(experts, values, chosen, 2, KernelVariant.Dp4a);
        AssertSameBits(expected, Multiply(experts, values, chosen, 2, KernelVariant.Tensor), "results");
    }

    [TensorFact]
    public void RunExperts_FloatsOnTensorCores_HaveTheBitsOfOneResult()
    {
        const int results = 16;
        ProductReference[] experts = [.. Enumerable.Range(0, 3).Select(expert => new ProductReference(GgmlType.F16, 21, 40, expert))];
        float[] values = Floats(1, results / 2 * 40);
        int[] chosen = [.. Enumerable.Range(0, results).Select(i => i % 7 == 0 ? 0 : 2)];
        float[] actual = Multiply(experts, values, chosen, 2, KernelVariant.Tensor);
        foreach (int i in (int[])[0, 3, results - 1])
        {
            float[] alone = Multiply(experts, values[(i / 2 * 40)..(((i / 2) + 1) * 40)], [chosen[i]], 1, KernelVariant.Tensor);
            AssertSameBits(alone, actual.AsSpan(i * 21, 21), $"result {i}");
        }
    }

    [KernelFact]
    public void Combine_SharesAndTerms_AreSummedFromTheBest()
    {
        const int width = 37;
        float[] terms = Floats(1, 4 * width);
        float[] shares = [0.75f, 0.25f, 0.5f, 0.125f];
        using DeviceRows input = new(Accelerator, terms, width);
        using DeviceRows output = new(Accelerator, new float[2 * width], width);
        new ExpertsOp(Accelerator).Combine(Stream, input.View, Upload(shares).View.BaseView, 2, 2, output.View);
        double[] expected = [.. Enumerable.Range(0, 2 * width).Select(i =>
            (shares[i / width * 2] * (double)terms[(i / width * 2 * width) + (i % width)])
            + (shares[(i / width * 2) + 1] * (double)terms[(((i / width * 2) + 1) * width) + (i % width)]))];
        AssertNear(expected, output.Read(2), 1e-6, "sums");
    }

    [KernelFact]
    public void Route_MoreThanThereAre_IsRefused()
    {
        using DeviceRows scores = new(Accelerator, new float[4], 4);
        ExpertsOp sut = new(Accelerator);
        Assert.Throws<ArgumentException>(() =>
            sut.Route(Stream, scores.View, 1, 5, Upload(new int[5]).View.BaseView, Upload(new float[5]).View.BaseView));
        Assert.Throws<ArgumentException>(() =>
            sut.Route(Stream, scores.View, 1, 2, Upload(new int[1]).View.BaseView, Upload(new float[2]).View.BaseView));
    }

    private (int[] Chosen, float[] Shares) Route(float[] scores, int rows, int experts, int used)
    {
        using DeviceRows input = new(Accelerator, scores, experts);
        MemoryBuffer1D<int, ILGPU.Stride1D.Dense> chosen = Allocate<int>(rows * used);
        MemoryBuffer1D<float, ILGPU.Stride1D.Dense> shares = Allocate<float>(rows * used);
        new ExpertsOp(Accelerator).Route(Stream, input.View, rows, used, chosen.View.BaseView, shares.View.BaseView);
        return (Download(chosen), Download(shares));
    }

    private unsafe float[] Multiply(ProductReference[] experts, float[] values, int[] chosen, int perRow, KernelVariant? variant = null)
    {
        int outputs = experts[0].Outputs;
        int inputs = experts[0].Inputs;
        WeightForm form = WeightForms.Of(experts[0].Type);
        WeightBuffer weights = Own(new WeightBuffer(Accelerator, form, outputs, inputs, experts.Length));
        using WeightPacker packer = new(Stream);
        for (int expert = 0; expert < experts.Length; expert++)
        {
            fixed (byte* rows = experts[expert].Rows)
            {
                packer.Upload(weights, expert * outputs, experts[expert].Type, rows, outputs);
            }
        }
        ActivationBuffer prepared = Own(new ActivationBuffer(Accelerator, chosen.Length / perRow, inputs, form.Input()));
        using DeviceRows input = new(Accelerator, values, inputs);
        using DeviceRows output = new(Accelerator, new float[chosen.Length * outputs], outputs);
        new PrepareOp(Accelerator).Plain(Stream, input.View, chosen.Length / perRow, prepared, form.Input());
        Own(new MatMulOp(Accelerator, variant)).RunExperts(
            Stream, weights, prepared, Upload(chosen).View.BaseView, perRow, chosen.Length, output.View);
        return output.Read(chosen.Length);
    }
}
