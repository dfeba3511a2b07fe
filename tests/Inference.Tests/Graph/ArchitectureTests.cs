using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Graph;

/// <summary>What architectures read from their files, and what they refuse.</summary>
public sealed class ArchitectureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, object, string> BadFields => new()
    {
        { "mixtral", "expert_used_count", 5u, "'5'; expected 1 to the 4 experts" },
        { "mixtral", "expert_used_count", 0u, "'0'; expected 1 to 1024" },
        { "mixtral", "expert_count", 5u, "shape is '64 x 4'; expected 64 x 5" },
        { "qwen3moe", "expert_count", 0u, "'0'; expected 1 to 1024" },
        { "qwen3moe", "expert_feed_forward_length", 16u, "shape is '64 x 32 x 8'; expected 64 x 16 x 8" },
        { "gemma2", "attention.sliding_window", 0u, "'0'; expected at least 1 token" },
        { "gemma2", "attn_logit_softcapping", 0f, "attn_logit_softcapping" },
        { "gemma2", "final_logit_softcapping", float.NaN, "final_logit_softcapping" },
        { "gemma3", "attention.sliding_window_pattern", new[] { true }, "'1 flags'; expected 3, one per layer" },
        { "gemma3", "attention.sliding_window_pattern", new[] { 1, 0, 1 }, "expected an array of bool" },
        { "phi3", "rope.dimension_count", 34u, "'34'; expected 2 to 32" },
        { "phi3", "rope.dimension_count", 15u, "an even number" },
        { "phi3", "rope.scaling.attn_factor", -1f, "attn_factor" },
        { "qwen2", "attention.head_count_kv", new[] { 2, 1, 2 }, "the same count for all layers" },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public void LoadShard_BadField_IsNamedWithWhatIsAllowed(string model, string field, object value, string expected)
    {
        TinyModel shape = TinyModel.All[model];
        AssertRefused(shape with { Fields = new Dictionary<string, object>(shape.Fields) { [field] = value } }, builder => builder, expected);
    }

    [Theory]
    [InlineData("gemma3", "blk.0.post_ffw_norm.weight")]
    [InlineData("gemma3", "blk.2.attn_k_norm.weight")]
    [InlineData("mixtral", "blk.1.ffn_gate_inp.weight")]
    [InlineData("mixtral in single experts", "blk.1.ffn_up.3.weight")]
    [InlineData("qwen3moe", "blk.1.ffn_down_exps.weight")]
    [InlineData("phi3", "rope_factors_long.weight")]
    [InlineData("phi3", "blk.0.attn_qkv.weight")]
    public void LoadShard_MissingTensor_IsNamed(string model, string tensor) =>
        AssertRefused(TinyModel.All[model], builder => builder.Without(tensor), "is 'missing'");

    [Theory]
    [InlineData("llama with biases", "blk.0.attn_q_norm.weight")]
    [InlineData("qwen2", "rope_freqs.weight")]
    [InlineData("gemma2", "blk.3.attn_norm.weight")]
    [InlineData("phi3", "output_norm.bias")]
    [InlineData("qwen2", "blk.0.attn_qkv.bias")]
    public void LoadShard_TensorThatTheGraphHasNot_IsRefused(string model, string tensor) => AssertRefused(
        TinyModel.All[model], builder => builder.Tensor(tensor, [16], new float[16]), $"tensor '{tensor}' is 'not part of the graph'");

    [Fact]
    public void Read_Gemma3_HasWindowsAndTheirOwnRotation()
    {
        using ModelFile file = ModelFile.Open((TinyModel.All["gemma3"] with
        {
            Layers = 7,
            Fields = new Dictionary<string, object>
            {
                ["attention.sliding_window"] = 512u,
                ["rope.freq_base"] = 1e6f,
                ["rope.scaling.type"] = "linear",
                ["rope.scaling.factor"] = 8f,
            },
        }).Write(_folder));

        ModelConfiguration sut = ModelConfigurationReader.Read(file);

        Assert.Equal([512, 512, 512, 512, 512, 0, 512], sut.LayerBlocks.Select(block => block.Attention.Window));
        Assert.Equal((10000f, 1f), (sut.LayerBlocks[0].Attention.Rope.Base, sut.LayerBlocks[0].Attention.Rope.Factor));
        Assert.Equal((1e6f, 8f), (sut.LayerBlocks[5].Attention.Rope.Base, sut.LayerBlocks[5].Attention.Rope.Factor));
        Assert.Equal((8f, 0f), (sut.EmbeddingScale, sut.LogitSoftCap));
    }

    [Theory]
    [InlineData("gemma2", 46)]
    [InlineData("gemma3", 62)]
    public void Read_GemmaWithTheLayersOf27B_ScalesQueriesByItsWidth(string architecture, int layers)
    {
        using ModelFile file = ModelFile.Open((TinyModel.All[architecture] with { Layers = layers, HeadSize = 8, Fields = new Dictionary<string, object>() }).Write(_folder));

        Assert.Equal(0.25f, ModelConfigurationReader.Read(file).LayerBlocks[0].Attention.Scale);
    }

    [Fact]
    public void Forward_SeparateBiasesOfFusedProjections_AreThoseOfOneBias()
    {
        TinyModel shape = TinyModel.All["qwen2"] with { FusedAttention = true, Layers = 1 };
        float[] bias = [.. Enumerable.Range(0, 128).Select(i => (i % 7) - 3f)];
        GgufBuilder one = shape.Build().Tensor("blk.0.attn_qkv.bias", [128], bias);
        GgufBuilder three = shape.Build()
            .Tensor("blk.0.attn_q.bias", [64], bias[..64]).Tensor("blk.0.attn_k.bias", [32], bias[64..96]).Tensor("blk.0.attn_v.bias", [32], bias[96..]);

        float[] expected = Logits(one);

        Assert.Equal(expected, Logits(three));
        Assert.NotEqual(expected, Logits(shape.Build()));
    }

    [Fact]
    public void LoadShard_LongRope_TakesItsFactorsByTheServedContextAndSaysSoInTheNumerics()
    {
        using ModelFile file = ModelFile.Open(TinyModel.All["phi3"].Write(_folder));
        ShardOptions options = new() { KvBlockCount = 16 };
        using IShard shortContext = new CpuBackend().LoadShard(file, options with { ContextTokens = 128 });
        using IShard longContext = new CpuBackend().LoadShard(file, options with { ContextTokens = 129 });

        Assert.Equal(shortContext.Numerics + "-rope-long", longContext.Numerics);
        Assert.NotEqual(new ShardDriver(shortContext).LastLogits([1, 2, 3], 0), new ShardDriver(longContext).LastLogits([1, 2, 3], 0));
    }

    [Fact]
    public void Forward_RouterOfEqualScores_TakesTheFirstExperts()
    {
        TinyModel shape = TinyModel.All["mixtral in single experts"];
        GgufBuilder Flat() => Enumerable.Range(0, shape.Layers).Aggregate(shape.Build(), (builder, layer) =>
            builder.Without($"blk.{layer}.ffn_gate_inp.weight").Tensor($"blk.{layer}.ffn_gate_inp.weight", [64, 4], new float[256]));
        float[] expected = Logits(Flat());
        float[] zeros = new float[96 * 64];

        Assert.Equal(expected, Logits(Flat().Without("blk.0.ffn_down.2.weight").Tensor("blk.0.ffn_down.2.weight", [96, 64], zeros)));
        Assert.NotEqual(expected, Logits(Flat().Without("blk.0.ffn_down.1.weight").Tensor("blk.0.ffn_down.1.weight", [96, 64], zeros)));
    }

    private float[] Logits(GgufBuilder builder)
    {
        using ModelFile file = ModelFile.Open(_folder.Write($"{Guid.NewGuid():N}.gguf", builder.ToBytes()));
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 16 });
        return new ShardDriver(shard).LastLogits([1, 2, 3, 4, 5], 0);
    }

    private void AssertRefused(TinyModel model, Func<GgufBuilder, GgufBuilder> change, string expected)
    {
        using ModelFile file = ModelFile.Open(_folder.Write("bad.gguf", change(model.Build()).ToBytes()));

        string message = Assert.Throws<ModelFileException>(() => new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 4 })).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(file.Path, message, StringComparison.Ordinal);
    }
}
