using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers;

/// <summary>Makes the tokeniser that a model file describes.</summary>
public static class TokenizerFactory
{
    private const string ModelKey = "tokenizer.ggml.model";

    /// <summary>Reads the tokeniser of a model file.</summary>
    /// <exception cref="ModelFileException">The file has none, or one that is not known or not consistent.</exception>
    public static ITokenizer FromFile(ModelFile file)
    {
        string model = file.Metadata.GetString(ModelKey);
        return model switch
        {
            "gpt2" => GgufTokenizers.ReadByteLevel(file),
            "llama" => GgufTokenizers.ReadSentencePiece(file),
            "bert" => GgufTokenizers.ReadWordPiece(file),
            _ => throw new ModelFileException(file.Path, $"metadata '{ModelKey}'", model, "a known tokeniser ('gpt2', 'llama' or 'bert')"),
        };
    }
}
