using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Graph;

/// <summary>The graph against an independent forward pass in doubles, on files made here.</summary>
public sealed class NaiveForwardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32, KvType.F32, false, 2e-5)]
    [InlineData(GgmlType.F32, KvType.F16, true, 5e-3)]
    [InlineData(GgmlType.F16, KvType.F32, true, 2e-5)]
    [InlineData(GgmlType.BF16, KvType.F32, false, 2e-5)]
    [InlineData(GgmlType.Q4_0, KvType.F32, true, 2e-2)]
    [InlineData(GgmlType.Q4_1, KvType.F32, false, 1e-1)]
    [InlineData(GgmlType.Q5_0, KvType.F32, true, 2e-2)]
    [InlineData(GgmlType.Q5_1, KvType.F32, false, 1e-1)]
    [InlineData(GgmlType.Q8_0, KvType.F32, false, 1e-1)]
    [InlineData(GgmlType.IQ4_NL, KvType.F32, true, 2e-2)]
    [InlineData(GgmlType.MXFP4, KvType.F32, true, 2e-2)]
    [InlineData(GgmlType.Q2_K, KvType.F32, false, 2e-2)]
    [InlineData(GgmlType.Q3_K, KvType.F32, true, 2e-2)]
    [InlineData(GgmlType.Q4_K, KvType.F32, false, 2e-2)]
    [InlineData(GgmlType.Q5_K, KvType.F32, true, 2e-2)]
    [InlineData(GgmlType.Q6_K, KvType.F32, false, 2e-2)]
    [InlineData(GgmlType.IQ4_XS, KvType.F32, true, 2e-2)]
    public void Forward_TinyLlama_AgreesWithDoubles(GgmlType type, KvType kvType, bool tied, double tolerance)
    {
        int size = type.BlockElements() == 256 ? 256 : 96;
        TinyLlama shape = new()
        {
            WeightType = type,
            TiedEmbeddings = tied,
            ModelSize = size,
            FeedForwardSize = size,
            Heads = size / 32,
            KvHeads = 1,
        };
        using ModelFile file = ModelFile.Open(shape.Write(_folder));
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 16, KvType = kvType });
        int[] tokens = [72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100, 257, 3, 200, 255, 0, 264, 9, 9, 9];

        float[] logits = new ShardDriver(shard).LastLogits(tokens, 0);

        double[] expected = new NaiveModel(file).Logits(tokens);
        double worst = logits.Zip(expected, (actual, exact) => Math.Abs(actual - exact)).Max();
        Assert.True(worst <= tolerance, $"{type}: logits differ by {worst}");
    }

    public static TheoryData<string> Architectures => [.. TinyModel.All.Keys];

    // GELU's argument, rounded to a half, is now and then the neighbour of what doubles round to.
    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_EveryArchitecture_AgreesWithDoubles(string name)
    {
        using ModelFile file = ModelFile.Open(TinyModel.All[name].Write(_folder));
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 16, KvType = KvType.F32 });
        int[] tokens = ShardDriver.Tokens(40);

        float[] logits = new ShardDriver(shard).LastLogits(tokens, 0);

        double worst = logits.Zip(new NaiveModel(file).Logits(tokens), (actual, exact) => Math.Abs(actual - exact)).Max();
        double tolerance = name.EndsWith("Q8_0", StringComparison.Ordinal) ? 2e-2 : name.StartsWith("gemma", StringComparison.Ordinal) ? 2e-3 : 2e-5;
        Assert.True(worst <= tolerance, $"{name}: logits differ by {worst}");
    }

    [Fact]
    public void Forward_RopeFactors_DivideTheFrequencies()
    {
        float[] ones = new float[8];
        ones.AsSpan().Fill(1);
        float[] doubled = new float[8];
        doubled.AsSpan().Fill(2);
        int[] tokens = [1, 2, 3, 4];
        float[] plain = Logits(new TinyLlama().Build(), tokens);

        Assert.Equal(plain, Logits(new TinyLlama().Build().Tensor("rope_freqs.weight", [8], ones), tokens));
        Assert.NotEqual(plain, Logits(new TinyLlama().Build().Tensor("rope_freqs.weight", [8], doubled), tokens));
        Assert.Equal(
            Logits(new TinyLlama().Build().Set("llama.rope.scaling.type", "linear").Set("llama.rope.scaling.factor", 2f), tokens),
            Logits(new TinyLlama().Build().Tensor("rope_freqs.weight", [8], doubled), tokens));
    }

    private float[] Logits(GgufBuilder builder, int[] tokens)
    {
        using ModelFile file = ModelFile.Open(_folder.Write($"{Guid.NewGuid():N}.gguf", builder.ToBytes()));
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 16 });
        return new ShardDriver(shard).LastLogits(tokens, 0);
    }
}
