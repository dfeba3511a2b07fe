using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class GgufSharedFileTests
{
    [SharedFact("data/vocab/ggml-vocab-gpt-2.gguf")]
    public void Open_VocabularyOfAPublicModel_ReadsTheTokens()
    {
        using ModelFile sut = ModelFile.Open(SharedFolder.File("data/vocab/ggml-vocab-gpt-2.gguf"));

        Assert.Equal("gpt2", sut.Metadata.GetString("tokenizer.ggml.model"));
        Assert.Equal(50257, sut.Metadata.GetStrings("tokenizer.ggml.tokens").Count);
    }

    [SharedFact("oracles")]
    public void Open_EveryOracle_ReadsEveryTensor()
    {
        foreach (string path in Directory.EnumerateFiles(SharedFolder.File("oracles"), "*.gguf"))
        {
            using ModelFile sut = ModelFile.Open(path);
            Assert.NotEmpty(sut.Tensors);
            Assert.All(sut.Tensors, tensor => Assert.Equal(tensor.ByteLength, sut.GetData(tensor).Length));
        }
    }
}
