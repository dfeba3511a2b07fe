using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Attention by itself: any number of queries, lengths and head sizes, on every width.</summary>
public sealed unsafe class AttentionPathTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attend_AnyShape_GivesTheBitsOfScalarAndOfEachQueryAlone(bool halves)
    {
        foreach (int headSize in (int[])[2, 15, 16, 32, 40, 64, 80, 128])
        {
            for (int queries = 1; queries <= 9; queries++)
            {
                using AttentionCase data = new(headSize, queries, halves, seed: headSize + queries);
                float[] expected = data.Attend(CpuKernels.Supported[^1], 0, queries);
                foreach (CpuKernels sut in CpuKernels.Supported)
                {
                    Bits.AssertEqual(expected, data.Attend(sut, 0, queries), $"{sut.Name} {headSize} {queries}");
                }
                for (int query = 0; query < queries; query++)
                {
                    Bits.AssertEqual(
                        expected.AsSpan(query * data.Padded, data.Padded), data.Attend(CpuKernels.Best, query, 1), $"alone {headSize} {query}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, true)]
    [InlineData(16, false)]
    [InlineData(40, true)]
    public void Attend_WindowAndCap_GivesTheBitsOfScalarAndOfEachQueryAloneAndAgreesWithDoubles(int window, bool halves)
    {
        for (int queries = 1; queries <= 9; queries++)
        {
            using AttentionCase data = new(headSize: 40, queries, halves, seed: 7 + queries, window, softCap: 2);
            float[] expected = data.Attend(CpuKernels.Supported[^1], 0, queries);
            foreach (CpuKernels sut in CpuKernels.Supported)
            {
                Bits.AssertEqual(expected, data.Attend(sut, 0, queries), $"{sut.Name} {window} {queries}");
            }
            for (int query = 0; query < queries; query++)
            {
                ReadOnlySpan<float> together = expected.AsSpan(query * data.Padded, data.Padded);
                Bits.AssertEqual(together, data.Attend(CpuKernels.Best, query, 1), $"alone {window} {query}");
                double[] exact = halves ? [] : data.Reference(query);
                for (int d = 0; d < exact.Length; d++)
                {
                    Assert.InRange(together[d] - exact[d], -1e-5, 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Attend_FloatKeys_AgreesWithDoubles()
    {
        using AttentionCase data = new(headSize: 24, queries: 5, halves: false, seed: 1);
        float[] result = data.Attend(CpuKernels.Best, 0, 5);

        for (int query = 0; query < 5; query++)
        {
            double[] expected = data.Reference(query);
            for (int d = 0; d < expected.Length; d++)
            {
                Assert.InRange(result[(query * data.Padded) + d] - expected[d], -1e-5, 1e-5);
            }
        }
    }

    [Fact]
    public void Attend_FixedSeed_GivesTheGoldenHash()
    {
        using AttentionCase data = new(headSize: 48, queries: 7, halves: true, seed: 42);

        Assert.All(CpuKernels.Supported, sut => Assert.Equal((sut.Name, "7aea61d1772cbf8c"), (sut.Name, KernelCase.Hash(data.Attend(sut, 0, 7)))));
    }
}
