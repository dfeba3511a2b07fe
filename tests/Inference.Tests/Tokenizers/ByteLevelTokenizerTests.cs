using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

public sealed class ByteLevelTokenizerTests
{
    private static readonly ITokenizer Tiny = TokenizerSample.Read(new TinyLlama().Build());

    [Fact]
    public void Encode_ArbitraryUnicode_DecodesToTheSameText() =>
        Prop.ForAll(UnicodeText.Arbitrary, text => Tiny.Decode(Tiny.Encode(text, false, false), skipSpecial: false) == text).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter() =>
        Assert.Equal(Tiny.Encode("a\uFFFDb", false, false), Tiny.Encode("a\uD800b", false, false));

    [Fact]
    public void Encode_OverlappingMerges_TakesLowestRankThenLeftmost()
    {
        ITokenizer sut = TokenizerSample.Create(["b c", "a b", "a a"], [("ab", TokenType.Normal), ("bc", TokenType.Normal), ("aa", TokenType.Normal)]);

        Assert.Equal(["a", "bc"], Pieces(sut, "abc"));
        Assert.Equal(["ab", "b"], Pieces(sut, "abb"));
        Assert.Equal(["aa", "a"], Pieces(sut, "aaa"));
        Assert.Equal(["aa", "ab"], Pieces(sut, "aaab"));
    }

    [Fact]
    public void Encode_MergeWithoutToken_FallsBackToBytes()
    {
        ITokenizer sut = TokenizerSample.Create(["a b", "ab c"], [("abc", TokenType.Normal)]);

        Assert.Equal(["abc"], Pieces(sut, "abc"));
        Assert.Equal(["a", "b"], Pieces(sut, "ab"));
    }

    [Fact]
    public void Encode_RandomMerges_AgreeWithRepeatedScanning()
    {
        string[] merges = ["a b", "b a", "ab a", "a a", "aa ab", "b b", "ba ba", "aba b"];
        ITokenizer sut = TokenizerSample.Create(merges, [.. merges.Select(merge => (merge.Replace(" ", ""), TokenType.Normal)).Distinct()]);
        Random random = new(7);
        for (int round = 0; round < 300; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(5) == 0 ? 'b' : "ab"[random.Next(2)]));
            Assert.Equal(MergeByScanning(text, merges), Pieces(sut, text));
        }
    }

    [Fact]
    public void Encode_UserDefinedToken_IsReadFromPlainTextAndLongestWins()
    {
        ITokenizer sut = TokenizerSample.Create([], [("<a>", TokenType.UserDefined), ("<a><b>", TokenType.UserDefined), ("<c>", TokenType.Control)]);

        Assert.Equal([120, 257, 256, 121], sut.Encode("x<a><b><a>y", false, parseSpecial: false));
        Assert.Equal(3, sut.Encode("<c>", false, parseSpecial: false).Length);
        Assert.Equal([258], sut.Encode("<c>", false, parseSpecial: true));
    }

    [Fact]
    public void Encode_AddSpecial_FollowsTheFile()
    {
        (string, TokenType)[] special = [("<s>", TokenType.Control), ("</s>", TokenType.Control)];
        ITokenizer both = TokenizerSample.Create([], special, file => Ids(file).Set("tokenizer.ggml.add_bos_token", true).Set("tokenizer.ggml.add_eos_token", true));
        ITokenizer none = TokenizerSample.Create([], special, file => Ids(file));

        Assert.Equal([256, 120, 257], both.Encode("x", addSpecial: true, false));
        Assert.Equal([120], both.Encode("x", addSpecial: false, false));
        Assert.Equal([120], none.Encode("x", addSpecial: true, false));
        Assert.Equal((256, 257), (none.BeginToken, none.EndToken));

        static GgufBuilder Ids(GgufBuilder file) => file.Set("tokenizer.ggml.bos_token_id", 256u).Set("tokenizer.ggml.eos_token_id", 257u);
    }

    [Fact]
    public void Encode_Llama3Word_PrefersTheWholeToken()
    {
        ITokenizer sut = TokenizerSample.Create(["a b"], [("ab", TokenType.Normal), ("abc", TokenType.Normal)], file => file.Set("tokenizer.ggml.pre", "llama-bpe"));
        ITokenizer other = TokenizerSample.Create(["a b"], [("ab", TokenType.Normal), ("abc", TokenType.Normal)], file => file.Set("tokenizer.ggml.pre", "gpt-2"));

        Assert.Equal(["abc"], Pieces(sut, "abc"));
        Assert.Equal(["ab", "c"], Pieces(other, "abc"));
    }

    [Fact]
    public void Decode_SkipSpecial_LeavesControlTokensOutAndKeepsUserDefined()
    {
        ITokenizer sut = TokenizerSample.Create([], [("<c>", TokenType.Control), ("<u>", TokenType.UserDefined)]);

        Assert.Equal("x<u>", sut.Decode([256, 120, 257], skipSpecial: true));
        Assert.Equal("<c>x<u>", sut.Decode([256, 120, 257], skipSpecial: false));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(267)]
    [InlineData(int.MaxValue)]
    public void Decode_IdOutOfRange_Throws(int id)
    {
        Assert.Equal(267, Tiny.VocabularySize);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Decode([id], skipSpecial: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.TokenText(id));
    }

    [Fact]
    public void EndTokens_NamedAndMarked_AreAllListed()
    {
        ITokenizer sut = TokenizerSample.Create(
            [],
            [("<|im_end|>", TokenType.Control), ("<x>", TokenType.Control), ("<y>", TokenType.Control)],
            file => file.Set("tokenizer.ggml.eos_token_id", 258u).Set("tokenizer.ggml.eot_token_id", 257u));

        Assert.Equal([256, 257, 258], sut.EndTokens);
    }

    [Fact]
    public void Encode_OneMegabyte_TakesLinearTime()
    {
        string words = string.Concat(Enumerable.Repeat("hello the thin world, ", 48_000));
        string oneWord = string.Concat(Enumerable.Repeat("hell", 260_000));
        Stopwatch watch = Stopwatch.StartNew();

        Assert.Equal(words, Tiny.Decode(Tiny.Encode(words, false, false), false));
        Assert.Equal(260_000, Tiny.Encode(oneWord, false, false).Length);

        // Quadratic merging of one word of a million bytes would take hours; the bound only tells these apart.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "metadata 'tokenizer.ggml.model' is 'other'; expected a known tokeniser")]
    [InlineData("tokenizer.ggml.pre", "metadata 'tokenizer.ggml.pre' is 'other'; expected one of 'a.x-4.0'")]
    public void FromGguf_UnknownKind_NamesTheKnownOnes(string key, string expected)
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("tokenizer.ggml.tokens", (string[])["a"]).Set("tokenizer.ggml.merges", Array.Empty<string>());
        if (key != "tokenizer.ggml.model")
        {
            builder.Set("tokenizer.ggml.model", "gpt2");
        }
        ModelFileException error = Assert.Throws<ModelFileException>(() => TokenizerSample.Read(builder.Set(key, "other")));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.ggml.bos_token_id", -1, "is '-1'; expected an integer from 0")]
    [InlineData("tokenizer.ggml.token_type", new[] { 1 }, "element count is '1'; expected 256")]
    [InlineData("tokenizer.ggml.merges", new[] { "ab" }, "element 0 is 'ab'; expected two spellings")]
    [InlineData("tokenizer.ggml.merges", new[] { "a " }, "element 0 is 'a '; expected two spellings")]
    public void FromGguf_Inconsistent_NamesTheKey(string key, object value, string expected)
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.tokens", Enumerable.Range(0, 256).Select(i => TinyLlama.ByteCharacter(i).ToString()).ToArray())
            .Set(key, value);
        if (key != "tokenizer.ggml.merges")
        {
            builder.Set("tokenizer.ggml.merges", Array.Empty<string>());
        }

        ModelFileException error = Assert.Throws<ModelFileException>(() => TokenizerSample.Read(builder));

        Assert.Contains($"metadata '{key}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromGguf_ByteWithoutToken_NamesTheByte()
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.tokens", (string[])["a"]).Set("tokenizer.ggml.merges", Array.Empty<string>());

        Assert.Contains("byte 0x00", Assert.Throws<ModelFileException>(() => TokenizerSample.Read(builder)).Message, StringComparison.Ordinal);
    }

    private static List<string> MergeByScanning(string text, string[] merges)
    {
        List<string> symbols = [.. text.Select(character => character.ToString())];
        while (true)
        {
            (int Rank, int At) best = Enumerable.Range(0, symbols.Count - 1)
                .Select(at => (Rank: Array.IndexOf(merges, $"{symbols[at]} {symbols[at + 1]}"), At: at))
                .Where(candidate => candidate.Rank >= 0)
                .DefaultIfEmpty((Rank: -1, At: -1))
                .Min();
            if (best.Rank < 0)
            {
                return symbols;
            }
            symbols[best.At] += symbols[best.At + 1];
            symbols.RemoveAt(best.At + 1);
        }
    }

    private static IEnumerable<string> Pieces(ITokenizer tokenizer, string text) =>
        tokenizer.Encode(text, false, false).Select(id => Encoding.UTF8.GetString(tokenizer.TokenBytes(id)));
}
