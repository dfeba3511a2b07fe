using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Templates;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private static readonly int[] Tokens = [72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100, 257, 3, 200, 255, 0, 264, 9, 9, 9];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32, false, 1)]
    [InlineData(GgmlType.F16, true, 1)]
    [InlineData(GgmlType.F32, true, 3)]
    public void Forward_LlamaFolder_AgreesWithTheGgufFile(GgmlType type, bool tied, int shards)
    {
        using ModelFile gguf = ModelFile.Open(new TinyLlama { WeightType = type, TiedEmbeddings = tied }.Write(_folder));
        using ModelFile sut = ModelFile.Open(new HuggingFaceFolder(gguf, shards).Write(_folder));

        // The heads' rows are in another order, so the sums of products are too.
        float worst = Logits(gguf).Zip(Logits(sut), (expected, actual) => Math.Abs(expected - actual)).Max();

        Assert.True(worst <= 1e-4f, $"logits differ by {worst}");
    }

    /// <summary>Every architecture: the folder is what llama.cpp's converter would have made the oracle from.</summary>
    [Theory]
    [InlineData("llama31-tiny-F32", 1e-3f)]
    [InlineData("llama-tiny-F32-yarn", 1e-3f)]
    [InlineData("llama-tiny-F32-linear-biases", 1e-3f)]
    [InlineData("llama-tiny-BF16", 1e-3f)]
    [InlineData("mixtral-tiny-F32", 1e-3f)]
    [InlineData("qwen3moe-tiny-F32", 0)]
    [InlineData("gemma2-tiny-F32", 1e-3f)]
    [InlineData("gemma3-tiny-F32", 1e-3f)]
    [InlineData("phi3-tiny-F32", 0)]
    [InlineData("phi3-tiny-F32-longrope", 0)]
    public void Forward_OracleAsAFolder_AgreesWithTheGgufFile(string name, float tolerance)
    {
        using ModelFile gguf = ModelFile.Open(Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Oracles", name + ".gguf"));
        using ModelFile sut = ModelFile.Open(new HuggingFaceFolder(gguf, shards: 2).Write(_folder));

        float[] expected = Logits(gguf);
        float worst = expected.Zip(Logits(sut), (one, other) => Math.Abs(one - other)).Max();

        Assert.True(worst <= tolerance, $"{name}: logits up to {expected.Max(Math.Abs)} differ by {worst}");
    }

    [SharedTheory("oracles")]
    [InlineData("qwen2-tiny-F32-bpe")]
    [InlineData("qwen3-tiny-F32-bpe")]
    public void Forward_QwenFolder_GivesTheGgufFilesBits(string name)
    {
        using ModelFile gguf = ModelFile.Open(SharedFolder.File($"oracles/{name}.gguf"));
        using ModelFile sut = ModelFile.Open(new HuggingFaceFolder(gguf, shards: 2).Write(_folder));

        Assert.Equal(Logits(gguf), Logits(sut));
    }

    [Fact]
    public void Open_Folder_HasTheGgufFilesConfigurationAndTemplate()
    {
        using ModelFile gguf = ModelFile.Open(new TinyLlama().Write(_folder));
        using ModelFile sut = ModelFile.Open(new HuggingFaceFolder(gguf).Write(_folder));

        ModelConfiguration expected = ModelConfigurationReader.Read(gguf);
        ModelConfiguration found = ModelConfigurationReader.Read(sut);
        Assert.Equal(expected with { LayerBlocks = [] }, found with { LayerBlocks = [] });
        Assert.Equal(expected.LayerBlocks.Select(InHalves), found.LayerBlocks);
        Assert.Equal(ChatTemplate.FromFile(gguf).Source, ChatTemplate.FromFile(sut).Source);
        Assert.Equal(ModelFileFormat.Safetensors, sut.Format);
        Assert.Equal(_folder.File("model"), sut.Folder);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model-00002-of-00002.safetensors")]
    public void ContentHash_ChangeInAnyFile_Differs(string name)
    {
        using ModelFile gguf = ModelFile.Open(new TinyLlama().Write(_folder));
        string folder = new HuggingFaceFolder(gguf, shards: 2).Write(_folder);
        string before = HashOf(folder);
        Assert.Equal(before, HashOf(folder));
        string path = Path.Combine(folder, name);
        byte[] bytes = File.ReadAllBytes(path);
        int at = name.EndsWith(".json", StringComparison.Ordinal) ? bytes.AsSpan().IndexOf("0"u8) : bytes.Length - 1;
        bytes[at] ^= 1;

        File.WriteAllBytes(path, bytes);

        Assert.NotEqual(before, HashOf(folder));
    }

    [Fact]
    public void Open_VectorsInBrainFloats_BecomeFloats()
    {
        using ModelFile gguf = ModelFile.Open(new TinyLlama { TiedEmbeddings = true }.Write(_folder));
        HuggingFaceFolder folder = new(gguf);
        folder.Shards[0].Tensor("model.layers.0.self_attn.q_proj.bias", "BF16", [64], [.. Enumerable.Repeat<byte[]>([0xC0, 0x3F], 64).SelectMany(bytes => bytes)]);
        using ModelFile sut = ModelFile.Open(folder.Write(_folder));

        GgufTensor bias = sut.GetTensor("blk.0.attn_q.bias");

        Assert.Equal(GgmlType.F32, bias.Type);
        Assert.Equal([64L], bias.Dimensions);
        Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(1.5f, BitConverter.ToSingle(sut.GetData(bias)[(4 * i)..])));
    }

    [Fact]
    public void Open_TiedModelWithAHead_LeavesTheHeadOut()
    {
        using ModelFile gguf = ModelFile.Open(new TinyLlama().Write(_folder));
        HuggingFaceFolder folder = new(gguf);
        folder.Config["tie_word_embeddings"] = true;
        using ModelFile sut = ModelFile.Open(folder.Write(_folder));

        Assert.False(sut.TryGetTensor("output.weight", out _));
    }

    private static float[] Logits(ModelFile file)
    {
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 512, KvType = Winnow.Inference.Cache.KvType.F32 });
        return new ShardDriver(shard).LastLogits(Tokens, 0);
    }

    private static string HashOf(string folder)
    {
        using ModelFile file = ModelFile.Open(folder);
        return file.ContentHash;
    }

    private static LayerBlock InHalves(LayerBlock block) =>
        block with { Attention = block.Attention with { Rope = block.Attention.Rope with { Style = RopeStyle.Halves } } };
}
