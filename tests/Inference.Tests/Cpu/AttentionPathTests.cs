using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Attention by itself: any number of queries, lengths and head sizes, on every width.</summary>
public sealed unsafe class AttentionPathTests
{
    [Theory]
    [InlineData(KvType.F32)]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    [InlineData(KvType.Q4_0)]
    public void Attend_AnyShape_GivesTheBitsOfScalarAndOfEachQueryAlone(KvType type)
    {
        foreach (int headSize in (int[])[2, 15, 16, 32, 40, 64, 80, 128])
        {
            for (int queries = 1; queries <= 9; queries++)
            {
                using AttentionCase data = new(headSize, queries, type, seed: headSize + queries);
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
    [InlineData(1, KvType.F32)]
    [InlineData(5, KvType.F16)]
    [InlineData(16, KvType.F32)]
    [InlineData(16, KvType.Q8_0)]
    [InlineData(270, KvType.F32)]
    [InlineData(270, KvType.Q4_0)]
    [InlineData(40, KvType.F16)]
    public void Attend_WindowAndCap_GivesTheBitsOfScalarAndOfEachQueryAloneAndAgreesWithDoubles(int window, KvType type)
    {
        for (int queries = 1; queries <= 9; queries++)
        {
            using AttentionCase data = new(headSize: 40, queries, type, seed: 7 + queries, window, softCap: 2);
            float[] expected = data.Attend(CpuKernels.Supported[^1], 0, queries);
            foreach (CpuKernels sut in CpuKernels.Supported)
            {
                Bits.AssertEqual(expected, data.Attend(sut, 0, queries), $"{sut.Name} {window} {queries}");
            }
            for (int query = 0; query < queries; query++)
            {
                ReadOnlySpan<float> together = expected.AsSpan(query * data.Padded, data.Padded);
                Bits.AssertEqual(together, data.Attend(CpuKernels.Best, query, 1), $"alone {window} {query}");
                double[] exact = type == KvType.F32 ? data.Reference(query) : [];
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
        using AttentionCase data = new(headSize: 24, queries: 5, KvType.F32, seed: 1);
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

    // A quantised element is off by half a step of its block: 1/254 of the block's largest for 8 bits, 1/16 for 4.
    [Theory]
    [InlineData(KvType.F16, 2e-3)]
    [InlineData(KvType.Q8_0, 3e-2)]
    [InlineData(KvType.Q4_0, 0.5)]
    public void Attend_RoundedForm_StaysNearDoubles(KvType type, double tolerance)
    {
        using AttentionCase data = new(headSize: 40, queries: 5, type, seed: 1);
        float[] result = data.Attend(CpuKernels.Best, 0, 5);

        for (int query = 0; query < 5; query++)
        {
            double[] expected = data.Reference(query);
            for (int d = 0; d < expected.Length; d++)
            {
                Assert.InRange(result[(query * data.Padded) + d] - expected[d], -tolerance, tolerance);
            }
        }
    }

    [Theory]
    [InlineData(KvType.F16, "d1cbdee5489a090a")]
    [InlineData(KvType.Q8_0, "cafd23929089fde8")]
    [InlineData(KvType.Q4_0, "7edfb56a019af045")]
    public void Attend_FixedSeed_GivesTheGoldenHash(KvType type, string hash)
    {
        using AttentionCase data = new(headSize: 48, queries: 7, type, seed: 42);

        Assert.All(CpuKernels.Supported, sut => Assert.Equal((sut.Name, hash), (sut.Name, KernelCase.Hash(data.Attend(sut, 0, 7)))));
    }
}
