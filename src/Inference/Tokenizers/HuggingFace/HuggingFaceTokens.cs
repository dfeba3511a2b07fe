using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Files.HuggingFace;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>The tokens of tokenizer.json: the model's vocabulary and the tokens added to it.</summary>
internal sealed class HuggingFaceTokens
{
    private const int MaxTokens = 1 << 20;
    private const int MaxGaps = 4096;
    private const string Continuation = "##";

    private HuggingFaceTokens(string[] texts, TokenType[] types)
    {
        Texts = texts;
        Types = types;
    }

    /// <summary>Spellings by id, as <see cref="Vocabulary"/> wants them.</summary>
    public string[] Texts { get; }

    /// <summary>Kinds by id.</summary>
    public TokenType[] Types { get; }

    /// <summary>Ids by the file's own spelling.</summary>
    public Dictionary<string, int> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>What special tokens do to the white space beside them.</summary>
    public Dictionary<int, TokenStrip> Strips { get; } = [];

    /// <summary>Reads the tokens.</summary>
    /// <exception cref="ModelFileException">There are none or too many, or one is not as it must be.</exception>
    public static HuggingFaceTokens Read(HuggingFaceConfig file, HuggingFaceConfig model, int? vocabularySize)
    {
        Dictionary<string, int> vocabulary = ReadVocabulary(model);
        List<AddedToken> added = [.. (file.Sections("added_tokens") ?? []).Select(AddedToken.Read)];
        int count = Math.Max(vocabulary.Values.Concat(added.Select(token => token.Id)).Max() + 1, vocabularySize ?? 0);
        int known = vocabulary.Count + added.Count;
        if (count > (2 * known) + MaxGaps)
        {
            throw model.Wrong("vocab", $"{known} tokens", $"tokens for most of {count} ids");
        }
        string[] texts = [.. Enumerable.Range(0, count).Select(id => $"[PAD{id}]")];
        TokenType[] types = new TokenType[count];
        Array.Fill(types, TokenType.Unused);
        HuggingFaceTokens tokens = new(texts, types);
        bool wordPiece = model.Text("type") == "WordPiece";
        bool byteFallback = model.Bool("byte_fallback") ?? false;
        foreach ((string text, int id) in vocabulary)
        {
            tokens.Ids[text] = id;
            texts[id] = wordPiece ? WordPieceSpelling(text) : text;
            types[id] = byteFallback && text is ['<', '0', 'x', _, _, '>'] ? TokenType.Byte : TokenType.Normal;
        }
        foreach (AddedToken token in added)
        {
            tokens.Ids[token.Text] = token.Id;
            texts[token.Id] = token.Text;
            types[token.Id] = token.IsSpecial ? TokenType.Control : TokenType.UserDefined;
            tokens.Strips[token.Id] = token.Strip;
        }
        return tokens;
    }

    private static Dictionary<string, int> ReadVocabulary(HuggingFaceConfig model)
    {
        JsonElement vocab = model.Value("vocab");
        if (vocab.ValueKind != JsonValueKind.Object)
        {
            throw model.Wrong("vocab", vocab.ValueKind, "an object with an id for every token");
        }
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        HashSet<int> used = [];
        foreach (JsonProperty token in vocab.EnumerateObject())
        {
            int id = CheckedId(model, $"vocab['{token.Name}']", token.Value);
            if (!used.Add(id))
            {
                throw model.Wrong($"vocab['{token.Name}']", id, "an id that no other token has");
            }
            ids[token.Name] = id;
        }
        return ids.Count > 0 ? ids : throw model.Wrong("vocab", "empty", "at least one token");
    }

    // The other spelling of the same: what begins a word is marked, not what continues it.
    private static string WordPieceSpelling(string text) =>
        text.StartsWith(Continuation, StringComparison.Ordinal) ? text[Continuation.Length..] : SentencePieceEncoder.Space + text;

    private static int CheckedId(HuggingFaceConfig section, string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id is >= 0 and < MaxTokens
            ? id
            : throw section.Wrong(name, value, $"an id from 0 to {MaxTokens - 1}");

    private sealed record AddedToken(string Text, int Id, bool IsSpecial, TokenStrip Strip)
    {
        public static AddedToken Read(HuggingFaceConfig token)
        {
            if (token.Bool("single_word") == true)
            {
                throw token.Wrong("single_word", "true", "false");
            }
            TokenStrip strip = TokenStrip.AnyWhiteSpace
                | (token.Bool("lstrip") == true ? TokenStrip.Left : TokenStrip.None)
                | (token.Bool("rstrip") == true ? TokenStrip.Right : TokenStrip.None);
            string text = token.Text("content") is { Length: > 0 } content ? content : throw token.Wrong("content", "missing", "a text");
            return new AddedToken(text, CheckedId(token, "id", token.Value("id")), token.Bool("special") ?? false, strip);
        }
    }
}
