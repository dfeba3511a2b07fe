using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers.HuggingFace;

namespace Winnow.Inference.Tokenizers;

/// <summary>Makes the tokeniser that a model file describes.</summary>
public static class TokenizerFactory
{
    private const string ModelKey = "tokenizer.ggml.model";

    /// <summary>Reads the tokeniser of a model file.</summary>
    /// <exception cref="ModelFileException">The file has none, or one that is not known or not consistent.</exception>
    public static ITokenizer FromFile(ModelFile file)
    {
        if (file.Folder is not null)
        {
            return HuggingFaceTokenizer.Read(file.Folder, VocabularySize(file));
        }
        string model = file.Metadata.GetString(ModelKey);
        return model switch
        {
            "gpt2" => GgufTokenizers.ReadByteLevel(file),
            "llama" => GgufTokenizers.ReadSentencePiece(file),
            "bert" => GgufTokenizers.ReadWordPiece(file),
            _ => throw new ModelFileException(file.Path, $"metadata '{ModelKey}'", model, "a known tokeniser ('gpt2', 'llama' or 'bert')"),
        };
    }

    private static int? VocabularySize(ModelFile file) =>
        file.Metadata.TryGetString("general.architecture", out string? architecture)
        && file.Metadata.TryGetUInt32($"{architecture}.vocab_size", out uint size) ? (int)Math.Min(size, int.MaxValue) : null;
}
