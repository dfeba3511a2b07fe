using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers;

/// <summary>Reads the vocabulary of a GGUF file and checks it.</summary>
internal static class GgufVocabulary
{
    /// <summary>Key of the tokens' spellings.</summary>
    public const string TokensKey = "tokenizer.ggml.tokens";

    private const string TypesKey = "tokenizer.ggml.token_type";
    private const string ScoresKey = "tokenizer.ggml.scores";

    private static readonly string[] MoreEndKeys =
    [
        "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id",
        "tokenizer.ggml.fim_pad_token_id", "tokenizer.ggml.fim_rep_token_id", "tokenizer.ggml.fim_sep_token_id",
    ];

    /// <summary>Reads tokens, types and roles.</summary>
    /// <param name="file">The file.</param>
    /// <param name="defaults">Roles of this kind of tokeniser where the file says nothing; an id that the file has no token for is left out.</param>
    /// <param name="addsBegin">Whether texts begin with the begin token where the file says nothing.</param>
    /// <exception cref="ModelFileException">A key is missing or inconsistent.</exception>
    public static Vocabulary Read(ModelFile file, TokenRoles defaults, bool addsBegin)
    {
        IReadOnlyList<string> tokens = file.Metadata.GetStrings(TokensKey);
        if (tokens.Count == 0)
        {
            throw new ModelFileException(file.Path, $"metadata '{TokensKey}'", "empty", "at least one token");
        }
        int? begin = Role("bos", defaults.Begin);
        int? end = Role("eos", defaults.End);
        int? separator = Role("seperator", Role("separator", null)); // the format's own key has the typing error
        TokenRoles roles = new()
        {
            Begin = begin,
            End = end,
            Unknown = Role("unknown", defaults.Unknown),
            Prefix = Adds("add_bos_token", addsBegin) ? begin : null,
            Suffix = defaults.Suffix is int suffix ? separator ?? Existing(suffix) : Adds("add_eos_token", false) ? end : null,
            MoreEnds = [.. MoreEndKeys.Select(key => ReadId(file, key, tokens.Count)).OfType<int>()],
        };
        return new Vocabulary(file.Path, tokens, ReadTypes(file, tokens.Count), roles);

        int? Role(string name, int? otherwise) => ReadId(file, $"tokenizer.ggml.{name}_token_id", tokens.Count) ?? Existing(otherwise);

        int? Existing(int? id) => id < tokens.Count ? id : null;

        bool Adds(string name, bool otherwise) => file.Metadata.TryGetBool($"tokenizer.ggml.{name}", out bool adds) ? adds : otherwise;
    }

    /// <summary>Scores of all tokens; all equal when the file has none.</summary>
    /// <exception cref="ModelFileException">There are not as many as tokens, or one is not a number.</exception>
    public static IReadOnlyList<float> ReadScores(ModelFile file, int count)
    {
        if (!file.Metadata.TryGetSingles(ScoresKey, out IReadOnlyList<float>? scores))
        {
            return new float[count];
        }
        if (scores.Count != count)
        {
            throw new ModelFileException(file.Path, $"metadata '{ScoresKey}', element count", scores.Count, $"{count}, one per token");
        }
        for (int id = 0; id < count; id++)
        {
            if (float.IsNaN(scores[id]))
            {
                throw new ModelFileException(file.Path, $"metadata '{ScoresKey}', element {id}", scores[id], "a number");
            }
        }
        return scores;
    }

    private static TokenType[] ReadTypes(ModelFile file, int count)
    {
        TokenType[] types = new TokenType[count];
        Array.Fill(types, TokenType.Normal);
        if (!file.Metadata.TryGetInt32s(TypesKey, out IReadOnlyList<int>? found))
        {
            return types;
        }
        if (found.Count != count)
        {
            throw new ModelFileException(file.Path, $"metadata '{TypesKey}', element count", found.Count, $"{count}, one per token");
        }
        for (int id = 0; id < count; id++)
        {
            // 0 is "undefined" in the format; llama.cpp reads it as ordinary text too.
            types[id] = found[id] switch
            {
                0 => TokenType.Normal,
                >= (int)TokenType.Normal and <= (int)TokenType.Byte => (TokenType)found[id],
                _ => throw new ModelFileException(file.Path, $"metadata '{TypesKey}', element {id}", found[id], "a token type from 1 to 6"),
            };
        }
        return types;
    }

    // Published files have ids that are no tokens (2^32 - 1 for none, or of a larger vocabulary); llama.cpp passes over them too.
    private static int? ReadId(ModelFile file, string key, int count) =>
        file.Metadata.TryGetUInt32(key, out uint id) && id < count ? (int)id : null;
}
