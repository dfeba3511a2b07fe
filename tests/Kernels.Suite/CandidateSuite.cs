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
    public void Run_AsksOfAnyRows_GivesEachItsOwnNumber()
    {
        float[][] logits = [Floats(1, 5000, 5), Floats(2, 5000, 5), Floats(3, 5000, 5)];
        CandidateAsk[] asks = [new() { Row = 2, Wanted = 7 }, new() { Row = 0, Wanted = 1024 }, new() { Row = 2, Wanted = 1 }, new() { Row = 1, Wanted = 40 }];

        (Candidate[] found, int[] counts) = Run(logits, asks, firstToken: 77);

        Assert.Equal([7, 1024, 1, 40], counts);
        int first = 0;
        foreach (CandidateAsk ask in asks)
        {
            Assert.Equal(
                Enumerable.Range(0, 5000).OrderByDescending(id => logits[ask.Row][id]).Take(ask.Wanted).Select(id => id + 77),
                found.Skip(first).Take(ask.Wanted).Select(candidate => candidate.Token));
            first += ask.Wanted;
        }
    }

    [KernelFact]
    public void Run_ShapesThatDoNotFit_Throws()
    {
        using CandidateOp sut = new(Accelerator, 100);
        using var logits = Accelerator.Allocate1D<float>(256);
        using var asks = Accelerator.Allocate1D<CandidateAsk>(3);
        using var candidates = Accelerator.Allocate1D<Candidate>(20);
        using var counts = Accelerator.Allocate1D<int>(2);

        Assert.Contains("'1025'", Assert.Throws<ArgumentException>(() => sut.Prepare([new CandidateAsk { Wanted = 1025 }], 1)).Message);
        Assert.Contains("'2'", Assert.Throws<ArgumentException>(() => sut.Prepare([new CandidateAsk { Wanted = 5, Row = 2 }], 2)).Message);
        Assert.Contains("'3'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 1, new RowsView(logits.View, 100, 128), asks.View, candidates.View, counts.View)).Message);
    }

    private void AssertSorted(float[][] logits, int wanted)
    {
        int vocabulary = logits[0].Length;
        (Candidate[] found, int[] numbers) = Run(logits, [.. Enumerable.Range(0, logits.Length).Select(row => new CandidateAsk { Row = row, Wanted = wanted })]);

        for (int row = 0; row < logits.Length; row++)
        {
            float[] one = logits[row];
            int[] expected = [.. Enumerable.Range(0, vocabulary).Where(id => one[id] > float.NegativeInfinity).OrderByDescending(id => one[id]).ThenBy(id => id).Take(wanted)];
            Assert.Equal(expected, found.Skip(row * wanted).Take(numbers[row]).Select(candidate => candidate.Token));
            Assert.All(found.Skip(row * wanted).Take(numbers[row]), candidate => Assert.Equal(one[candidate.Token] + 0f, candidate.Logit));
        }
    }

    private (Candidate[] Found, int[] Counts) Run(float[][] logits, CandidateAsk[] asks, int firstToken = 0)
    {
        int vocabulary = logits[0].Length;
        int stride = RowsView.StrideOf(vocabulary);
        float[] flat = new float[logits.Length * stride];
        for (int row = 0; row < logits.Length; row++)
        {
            logits[row].CopyTo(flat, row * stride);
        }
        using CandidateOp sut = new(Accelerator, vocabulary, firstToken);
        MemoryBuffer1D<Candidate, Stride1D.Dense> candidates = Allocate<Candidate>(sut.Prepare(asks, logits.Length));
        MemoryBuffer1D<int, Stride1D.Dense> counts = Allocate<int>(asks.Length);
        sut.Run(Stream, logits.Length, new RowsView(Upload(flat).View, vocabulary, stride), Upload(asks).View, candidates.View, counts.View);
        return (Download(candidates), Download(counts));
    }
}
