using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class RandomModelTests
{
    [Theory]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.Q6_K)]
    public void Create_Tiny_LoadsAndGivesFiniteLogits(GgmlType type)
    {
        using ModelFile sut = RandomModel.Create("tiny", RandomModelShape.All["tiny"], type);
        using IShard shard = new CpuBackend().LoadShard(sut, new ShardOptions { KvBlockCount = 4, ContextTokens = 64 });

        float[] logits = new ShardDriver(shard).LastLogits(ShardDriver.Tokens(9), 0);

        Assert.Equal(512, logits.Length);
        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
        Assert.True(logits.Max() - logits.Min() > 0.1f);
    }

    [Fact]
    public void Create_Llama_HasTheBytesOfTheRealModel()
    {
        RandomModelShape shape = RandomModelShape.All["llama-3-8b"];
        long weights = shape.Matrices().Sum(matrix => (long)matrix.Rows * matrix.Columns) + shape.Norms().Sum(_ => (long)shape.ModelSize);

        Assert.Equal(8_030_261_248, weights);
    }

    [Fact]
    public void Create_RowsThatAreNoWholeBlocks_AreRefused()
    {
        RandomModelShape odd = RandomModelShape.All["tiny"] with { FeedForwardSize = 300 };

        ArgumentException exception = Assert.Throws<ArgumentException>(() => RandomModel.Create("odd", odd, GgmlType.Q4_K));

        Assert.Contains("'300'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'Q4_K'", exception.Message, StringComparison.Ordinal);
    }
}
