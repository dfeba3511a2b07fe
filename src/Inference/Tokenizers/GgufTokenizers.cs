using System.Globalization;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers;

/// <summary>Reads the kinds of tokenisers that GGUF files describe, with llama.cpp's defaults.</summary>
internal static class GgufTokenizers
{
    private const string MergesKey = "tokenizer.ggml.merges";
    private const string PreKey = "tokenizer.ggml.pre";
    private const string LowercaseKey = "tokenizer.ggml.normalizer.lowercase";
    private const string StripAccentsKey = "tokenizer.ggml.normalizer.strip_accents";

    /// <summary>Byte-level BPE (<c>gpt2</c>).</summary>
    /// <exception cref="ModelFileException">The file's tokeniser is incomplete, inconsistent or of an unknown kind; so with every method here.</exception>
    public static ITokenizer ReadByteLevel(ModelFile file)
    {
        WordSplitter splitter = WordSplitter.FromFile(file);
        Vocabulary vocabulary = GgufVocabulary.Read(file, new TokenRoles(), splitter.AddsBeginToken);
        return new Tokenizer(vocabulary, new ByteLevelEncoder(vocabulary, ReadMerges(file, vocabulary), splitter), Strips(file, vocabulary));
    }

    /// <summary>SentencePiece (<c>llama</c>).</summary>
    public static ITokenizer ReadSentencePiece(ModelFile file)
    {
        TokenRoles defaults = new() { Begin = 1, End = 2, Unknown = 0 };
        Vocabulary vocabulary = GgufVocabulary.Read(file, defaults, addsBegin: true);
        MergeTableBuilder merges = new(vocabulary, id => SentencePieceEncoder.IsText(vocabulary.Type(id)));
        merges.AddByScores(GgufVocabulary.ReadScores(file, vocabulary.Count));
        bool addsSpace = !file.Metadata.TryGetBool("tokenizer.ggml.add_space_prefix", out bool adds) || adds;
        return new Tokenizer(vocabulary, new SentencePieceEncoder(vocabulary, merges.Build(), addsSpace ? SpacePrefix.Each : SpacePrefix.None), Strips(file, vocabulary));
    }

    /// <summary>WordPiece (<c>bert</c>).</summary>
    public static ITokenizer ReadWordPiece(ModelFile file)
    {
        TokenRoles defaults = new() { Begin = 101, Unknown = 100, Suffix = 102 };
        Vocabulary vocabulary = GgufVocabulary.Read(file, defaults, addsBegin: true);
        bool lowercases = !file.Metadata.TryGetBool(LowercaseKey, out bool lowercase) || lowercase;
        bool strips = file.Metadata.TryGetBool(StripAccentsKey, out bool strip) ? strip : lowercases;
        return new Tokenizer(vocabulary, new WordPieceEncoder(vocabulary, lowercases, strips), Strips(file, vocabulary));
    }

    private static MergeTable ReadMerges(ModelFile file, Vocabulary vocabulary)
    {
        IReadOnlyList<string> lines = file.Metadata.GetStrings(MergesKey);
        MergeTableBuilder merges = new(vocabulary, static _ => true);
        for (int rank = 0; rank < lines.Count; rank++)
        {
            string line = lines[rank];
            int space = line.Length > 1 ? line.IndexOf(' ', 1) : -1;
            if (space < 0 || space == line.Length - 1)
            {
                throw new ModelFileException(file.Path, $"metadata '{MergesKey}', element {rank}", line, "two spellings with a space between");
            }
            merges.Add(line.AsSpan(0, space), line.AsSpan(space + 1), rank);
        }
        return merges.Build();
    }

    // GGUF has no field for this; llama.cpp goes by the names too.
    private static Func<int, TokenStrip> Strips(ModelFile file, Vocabulary vocabulary)
    {
        string name = file.Metadata.TryGetString("general.name", out string? found) ? found.ToLower(CultureInfo.InvariantCulture) : "";
        string pre = file.Metadata.TryGetString(PreKey, out string? foundPre) ? foundPre : "";
        if (pre is "jina-v2-de" or "jina-v2-es" or "jina-v2-code")
        {
            return id => vocabulary.Text(id) == "<mask>" ? TokenStrip.Left : TokenStrip.None;
        }
        if (name.Contains("phi-3", StringComparison.Ordinal) || name.Contains("phi3", StringComparison.Ordinal))
        {
            return id => vocabulary.Text(id) is "<unk>" or "<s>" or "<|endoftext|>" ? TokenStrip.None : TokenStrip.Right;
        }
        if (name.Contains("modern-bert", StringComparison.Ordinal))
        {
            return id => vocabulary.Text(id) == "[MASK]" ? TokenStrip.Left : TokenStrip.None;
        }
        return static _ => TokenStrip.None;
    }
}
