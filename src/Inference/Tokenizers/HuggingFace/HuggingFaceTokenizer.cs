using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Files.HuggingFace;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>
/// Reads the tokeniser of a Hugging Face folder: tokenizer.json (BPE over bytes, BPE with byte fallback, WordPiece), with the special
/// tokens of tokenizer_config.json, special_tokens_map.json and generation_config.json. What it does not know is refused by name.
/// </summary>
public static class HuggingFaceTokenizer
{
    private const string FileName = "tokenizer.json";
    private const int MaxBytes = 128 << 20;

    /// <summary>Reads the tokeniser.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="vocabularySize">Tokens of the model; the tokeniser is filled up to it with unused tokens.</param>
    /// <exception cref="ModelFileException">A file is missing, damaged, or asks for what Winnow does not do.</exception>
    public static ITokenizer Read(string folder, int? vocabularySize = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using ModelFilePart file = ModelFilePart.Map(Path.Combine(folder, FileName), "a tokeniser");
        JsonElement root = HuggingFaceJson.Parse(file, MaxBytes);
        return HuggingFaceJson.Guard(file.Path, () => Read(new HuggingFaceConfig(file.Path, root), folder, vocabularySize));
    }

    private static Tokenizer Read(HuggingFaceConfig file, string folder, int? vocabularySize)
    {
        HuggingFaceConfig model = file.Section("model") ?? throw file.Wrong("model", "missing", "an object");
        HuggingFaceTokens tokens = HuggingFaceTokens.Read(file, model, vocabularySize);
        Vocabulary vocabulary = new(file.Path, tokens.Texts, tokens.Types, HuggingFaceRoles.Read(file, model, folder, tokens.Ids));
        string? type = model.Text("type") ?? (model.Has("merges") ? "BPE" : null);
        ITextEncoder encoder = type switch
        {
            "BPE" when model.Bool("byte_fallback") == true => ReadSentencePiece(file, model, vocabulary),
            "BPE" => ReadByteLevel(file, model, vocabulary),
            "WordPiece" => ReadWordPiece(file, model, vocabulary),
            _ => throw model.Wrong("type", type ?? "missing", "'BPE' or 'WordPiece'"),
        };
        return new Tokenizer(vocabulary, encoder, id => tokens.Strips.GetValueOrDefault(id));
    }

    private static ByteLevelEncoder ReadByteLevel(HuggingFaceConfig file, HuggingFaceConfig model, Vocabulary vocabulary)
    {
        WordSplitter splitter = HuggingFaceSplitting.Read(file, model.Bool("ignore_merges") ?? false);
        return new ByteLevelEncoder(vocabulary, HuggingFaceMerges.Read(model, vocabulary, static _ => true), splitter);
    }

    private static SentencePieceEncoder ReadSentencePiece(HuggingFaceConfig file, HuggingFaceConfig model, Vocabulary vocabulary)
    {
        SpacePrefix prefix = HuggingFaceSpacing.Read(file);
        MergeTable merges = HuggingFaceMerges.Read(model, vocabulary, id => SentencePieceEncoder.IsText(vocabulary.Type(id)));
        return new SentencePieceEncoder(vocabulary, merges, prefix);
    }

    private static WordPieceEncoder ReadWordPiece(HuggingFaceConfig file, HuggingFaceConfig model, Vocabulary vocabulary)
    {
        HuggingFaceConfig normalizer = file.Section("normalizer") ?? throw file.Wrong("normalizer", "missing", "BertNormalizer");
        HuggingFaceConfig splitter = file.Section("pre_tokenizer") ?? throw file.Wrong("pre_tokenizer", "missing", "BertPreTokenizer");
        normalizer.Require("type", "BertNormalizer");
        splitter.Require("type", "BertPreTokenizer");
        foreach (string name in (string[])["clean_text", "handle_chinese_chars"])
        {
            if (normalizer.Bool(name) == false)
            {
                throw normalizer.Wrong(name, "false", "true");
            }
        }
        bool lowercases = normalizer.Bool("lowercase") ?? true;
        int longest = (int)model.Integer("max_input_chars_per_word", absent: 100);
        return new WordPieceEncoder(vocabulary, lowercases, normalizer.Bool("strip_accents") ?? lowercases, longest);
    }
}
