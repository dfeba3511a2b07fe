using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Graph;

public sealed class ModelConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_TinyLlama_GivesItsSizes()
    {
        using ModelFile file = ModelFile.Open(new TinyLlama { TiedEmbeddings = true }.Write(_folder));

        ModelConfiguration sut = ModelConfigurationReader.Read(file);

        Assert.Equal(("llama", 2, 64, 96), (sut.Architecture, sut.Layers, sut.ModelSize, sut.FeedForwardSize));
        Assert.Equal((4, 2, 16, 16), (sut.Heads, sut.KvHeads, sut.HeadSize, sut.LayerBlocks[0].Attention.Rope.Dimensions));
        Assert.Equal((267, 256, 10000f, 1e-5f), (sut.VocabularySize, sut.ContextTokens, sut.LayerBlocks[0].Attention.Rope.Base, sut.NormEpsilon));
        Assert.True(sut.TiedEmbeddings);
    }

    public static TheoryData<string, object> BadValues => new()
    {
        { "general.architecture", "mamba" },
        { "llama.block_count", 0u },
        { "llama.block_count", uint.MaxValue },
        { "llama.context_length", 0u },
        { "llama.context_length", 1u << 31 },
        { "llama.embedding_length", 0u },
        { "llama.feed_forward_length", 0u },
        { "llama.attention.head_count", 0u },
        { "llama.attention.head_count", 7u },
        { "llama.attention.head_count_kv", 0u },
        { "llama.attention.head_count_kv", 3u },
        { "llama.attention.layer_norm_rms_epsilon", float.NaN },
        { "llama.attention.layer_norm_rms_epsilon", -1f },
        { "llama.rope.dimension_count", 15u },
        { "llama.rope.dimension_count", 18u },
        { "llama.rope.freq_base", 0f },
        { "llama.rope.freq_base", float.PositiveInfinity },
        { "llama.rope.scaling.type", "dynamic" },
        { "llama.vocab_size", 268u },
        { "llama.attention.value_length", 8u },
        { "llama.attention.key_length", 1u },
    };

    [Theory]
    [MemberData(nameof(BadValues))]
    public void Read_BadValue_NamesFileFieldAndExpectation(string key, object value)
    {
        string path = _folder.Write("bad.gguf", WithValue(key, value));
        using ModelFile file = ModelFile.Open(path);

        ModelFileException refused = Assert.Throws<ModelFileException>(() => ModelConfigurationReader.Read(file));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains("expected", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownArchitecture_ListsTheKnownOnes()
    {
        using ModelFile file = ModelFile.Open(_folder.Write("bad.gguf", WithValue("general.architecture", "mamba")));

        string message = Assert.Throws<ModelFileException>(() => ModelConfigurationReader.Read(file)).Message;

        Assert.Contains("'mamba'; expected one of gemma2, gemma3, llama, phi3, qwen2, qwen3, qwen3moe", message, StringComparison.Ordinal);
    }

    private static byte[] WithValue(string key, object value) => new TinyLlama().Build().Without(key).Set(key, value).ToBytes();
}
