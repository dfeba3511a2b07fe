using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>Public tokenisers against the ids that another engine gives.</summary>
public sealed class VocabularyFileTests
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    [SharedFact("data/vocab/ggml-vocab-gpt-2.gguf")]
    public void Encode_Gpt2Cases_GivesTheExpectedIds() => CheckCases("gpt-2");

    [SharedFact("data/vocab/ggml-vocab-starcoder.gguf")]
    public void Encode_StarcoderCases_GivesTheExpectedIds() => CheckCases("starcoder");

    [SharedFact("data/vocab/ggml-vocab-llama-spm.gguf")]
    public void Encode_LlamaSentencePieceCases_GivesTheExpectedIds() => CheckCases("llama-spm");

    [SharedFact("data/vocab/ggml-vocab-phi-3.gguf")]
    public void Encode_Phi3Cases_GivesTheExpectedIds() => CheckCases("phi-3");

    private static void CheckCases(string name)
    {
        string path = SharedFolder.File($"data/vocab/ggml-vocab-{name}.gguf");
        using ModelFile file = ModelFile.Open(path);
        ITokenizer sut = TokenizerFactory.FromFile(file);
        string[] texts = File.ReadAllText($"{path}.inp").Split(Separator);
        string[] lines = File.ReadAllLines($"{path}.out");

        Assert.True(texts.Length >= lines.Length && lines.Length > 40, $"{texts.Length} texts, {lines.Length} lines");
        for (int i = 0; i < lines.Length; i++)
        {
            int[] expected = [.. lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            int[] ids = sut.Encode(texts[i], addSpecial: false, parseSpecial: false);
            Assert.True(expected.SequenceEqual(ids), $"case {i} '{texts[i]}': expected {string.Join(' ', expected)}, found {string.Join(' ', ids)}");
            Assert.Equal(texts[i], sut.Decode(ids, skipSpecial: false));
        }
    }
}
