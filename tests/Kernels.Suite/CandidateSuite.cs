using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Sampling;
using Winnow.Inference.Sampling;

namespace Winnow.Kernels.Suite;

/// <summary>The most likely tokens against a sort of all.</summary>
public abstract class CandidateSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(257, 20)]
    [InlineData(4096, 1)]
    [InlineData(4096, 1000)]
    [InlineData(4097, 40)]
    [InlineData(12289, 1024)]
    public void Run_RandomLogits_GivesTheFirstOfTheSorted(int vocabulary, int wanted)
    {
        float[][] logits = [Floats(1, vocabulary, 5), Floats(2, vocabulary, 1e-3f), Floats(3, vocabulary, 1e6f)];

        AssertSorted(logits, wanted);
    }

    [KernelFact]
    public void Run_EqualLogits_PrefersLowerIds()
    {
        float[] coarse = [.. Floats(4, 5000, 3).Select(x => MathF.Round(x))];
        float[] zeros = new float[5000];
        for (int i = 0; i < zeros.Length; i += 3)
        {
            zeros[i] = -0f;
        }
        AssertSorted([coarse, zeros, [.. coarse.Select(x => x > 0 ? 0f : x)]], 100);
    }

    [KernelFact]
    public void Run_NegativeInfinity_IsNoCandidate()
    {
        float[] few = Enumerable.Repeat(float.NegativeInfinity, 9000).ToArray();
        few[8999] = -1e30f;
        few[4095] = -1e30f;
        few[4096] = 2;
        AssertSorted([few, Enumerable.Repeat(float.NegativeInfinity, 9000).ToArray()], 50);
        AssertSorted([few[4000..5000]], 50);
    }

    [KernelFact]
    public void Run_ShapesThatDoNotFit_Throws()
    {
        using CandidateOp sut = new(Accelerator, 100, 1, 10);
        using var logits = Accelerator.Allocate1D<float>(256);
        using var candidates = Accelerator.Allocate1D<Candidate>(20);
        using var counts = Accelerator.Allocate1D<int>(2);

        Assert.Contains("'11'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 1, new RowsView(logits.View, 100, 128), 11, candidates.View, counts.View)).Message);
        Assert.Contains("'2'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 2, new RowsView(logits.View, 100, 128), 5, candidates.View, counts.View)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CandidateOp(Accelerator, 100, 1, 1025));
    }

    private void AssertSorted(float[][] logits, int wanted)
    {
        int vocabulary = logits[0].Length;
        int stride = RowsView.StrideOf(vocabulary);
        float[] flat = new float[logits.Length * stride];
        for (int row = 0; row < logits.Length; row++)
        {
            logits[row].CopyTo(flat, row * stride);
        }
        using CandidateOp sut = new(Accelerator, vocabulary, logits.Length, wanted);
        using MemoryBuffer1D<float, Stride1D.Dense> values = Accelerator.Allocate1D(flat);
        using MemoryBuffer1D<Candidate, Stride1D.Dense> candidates = Accelerator.Allocate1D<Candidate>(logits.Length * wanted);
        using MemoryBuffer1D<int, Stride1D.Dense> counts = Accelerator.Allocate1D<int>(logits.Length);

        sut.Run(Stream, logits.Length, new RowsView(values.View, vocabulary, stride), wanted, candidates.View, counts.View);

        Candidate[] found = Download(candidates);
        int[] numbers = Download(counts);
        for (int row = 0; row < logits.Length; row++)
        {
            float[] one = logits[row];
            int[] expected = [.. Enumerable.Range(0, vocabulary).Where(id => one[id] > float.NegativeInfinity).OrderByDescending(id => one[id]).ThenBy(id => id).Take(wanted)];
            Assert.Equal(expected, found.Skip(row * wanted).Take(numbers[row]).Select(candidate => candidate.Token));
            Assert.All(found.Skip(row * wanted).Take(numbers[row]), candidate => Assert.Equal(one[candidate.Token] + 0f, candidate.Logit));
        }
    }
}
