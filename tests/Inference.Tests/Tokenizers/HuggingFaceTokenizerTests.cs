using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Inference.Tokenizers.HuggingFace;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>Folders made from vocabularies of ours give the ids that the GGUF form of the same vocabulary gives.</summary>
public sealed class HuggingFaceTokenizerTests : IDisposable
{
    private const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly string[] Texts =
        [.. TokenizerSample.ReadJson("token-ids.json").GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gpt-2", """{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""")]
    [InlineData("llama-bpe", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"LLAMA3"},"behavior":"Isolated"},{"type":"ByteLevel","use_regex":false}]}""")]
    [InlineData("qwen2", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"QWEN2"},"behavior":"Removed","invert":true},{"type":"ByteLevel","use_regex":false}]}""")]
    [InlineData("starcoder", """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","use_regex":true}]}""")]
    public void Read_ByteLevel_GivesTheIdsOfTheGgufForm(string pre, string splitting)
    {
        ITokenizer expected = TokenizerSample.Read(TokenizerSample.Shipped().Without("tokenizer.ggml.pre").Set("tokenizer.ggml.pre", pre));
        JsonObject file = ByteLevel(expected);
        string json = splitting.Replace("LLAMA3", JsonEncodedText.Encode(Llama3).ToString()).Replace("QWEN2", JsonEncodedText.Encode(Llama3.Replace("{1,3}", "")).ToString());
        file["pre_tokenizer"] = JsonNode.Parse(json);
        file["model"]!["ignore_merges"] = pre == "llama-bpe";

        ITokenizer sut = Read(file);

        Assert.All(Texts, text => Assert.Equal(expected.Encode(text, false, true), sut.Encode(text, false, true)));
        Assert.Equal((2043, 2047), (sut.BeginToken, sut.EndToken));
        Assert.Equal(expected.EndTokens, sut.EndTokens);
    }

    [Theory]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""", null, true)]
    [InlineData("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious"}""", false)]
    [InlineData(null, """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""", false)]
    public void Read_ByteFallback_GivesTheIdsOfTheGgufForm(string? normalizer, string? splitting, bool prefix)
    {
        ITokenizer expected = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-llama.json").Set("tokenizer.ggml.add_space_prefix", prefix));
        JsonObject file = ByteFallback();
        file["normalizer"] = Parse(normalizer);
        file["pre_tokenizer"] = Parse(splitting);

        ITokenizer sut = Read(file);

        Assert.All(Texts, text => Assert.Equal(expected.Encode(text, true, true), sut.Encode(text, true, true)));
        Assert.True(sut.AddsBeginToken);
    }

    [Fact]
    public void Read_MetaspaceFirst_PutsASpaceOnlyAtTheBeginningAndOnce()
    {
        JsonObject file = ByteFallback();
        file["pre_tokenizer"] = Parse("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""");
        ITokenizer sut = Read(file);

        Assert.Equal(sut.Encode("the", false, false), sut.Encode(" the", false, false));
        Assert.NotEqual(sut.Encode("the", false, false), sut.Encode("<|user|>the", false, false)[1..]);
    }

    [Fact]
    public void Read_WordPiece_GivesTheIdsOfTheGgufForm()
    {
        ITokenizer expected = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-bert.json"));
        JsonObject vocab = [];
        for (int id = 0; id < expected.VocabularySize; id++)
        {
            string text = expected.TokenText(id);
            vocab[expected.IsSpecial(id) ? text : text[0] == '▁' ? text[1..] : $"##{text}"] = id;
        }
        JsonObject file = new()
        {
            ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 5).Select(id => Added(id, expected.TokenText(id), special: true))]),
            ["normalizer"] = Parse("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}"""),
            ["pre_tokenizer"] = Parse("""{"type":"BertPreTokenizer"}"""),
            ["post_processor"] = Parse("""{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}"""),
            ["model"] = new JsonObject { ["type"] = "WordPiece", ["unk_token"] = "[UNK]", ["max_input_chars_per_word"] = 100, ["vocab"] = vocab },
        };

        ITokenizer sut = Read(file);

        Assert.All(Texts, text => Assert.Equal(expected.Encode(text, true, false), sut.Encode(text, true, false)));
        Assert.Equal([2, 1, 3], sut.Encode(new string('a', 101), true, false));
    }

    [Fact]
    public void Read_VocabularySize_FillsUpWithUnusedTokens()
    {
        ITokenizer sut = Read(ByteFallback(), vocabularySize: 900);

        Assert.Equal((900, "[PAD899]"), (sut.VocabularySize, sut.TokenText(899)));
    }

    [Fact]
    public void Read_GenerationConfig_AddsEndTokens()
    {
        _folder.Write("generation_config.json", """{"eos_token_id":[300,301]}"""u8.ToArray());

        Assert.Superset(new HashSet<int> { 300, 301 }, Read(ByteFallback()).EndTokens.ToHashSet());
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "'model.type' is 'Unigram'; expected 'BPE' or 'WordPiece'")]
    [InlineData("model.vocab", "[]", "'model.vocab' is 'Array'; expected an object")]
    [InlineData("model.vocab.a", "-1", "is '-1'; expected an id from 0")]
    [InlineData("model.vocab.a", "1000000", "tokens for most of 1000001 ids")]
    [InlineData("model.vocab.a", "5", "expected an id that no other token has")]
    [InlineData("model.merges", "[[\"a\"]]", "'model.merges[0]' is '[\"a\"]'; expected two spellings")]
    [InlineData("model.merges", "7", "'model.merges' is 'Number'; expected an array")]
    [InlineData("added_tokens", "[7]", "'added_tokens' is 'Array'; expected an array of objects")]
    [InlineData("normalizer", "{\"type\":\"NFKC\"}", "'normalizer.type' is 'NFKC'; expected 'Prepend'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Whitespace\"}", "'pre_tokenizer.type' is 'Whitespace'; expected 'Metaspace'")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<x>\"}}]}", "is '<x>'; expected a token of the vocabulary")]
    public void Read_Damaged_NamesTheField(string path, string json, string expected)
    {
        JsonObject file = ByteFallback();
        string[] names = path.Split('.');
        names[..^1].Aggregate((JsonNode)file, (node, name) => node[name]!)[names[^1]] = JsonNode.Parse(json);

        ModelFileException error = Assert.Throws<ModelFileException>(() => Read(file));

        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownExpression_NamesIt()
    {
        JsonObject file = ByteLevel(TokenizerSample.Read(TokenizerSample.Shipped()));
        file["pre_tokenizer"] = Parse("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"a+b?"},"behavior":"Isolated"},{"type":"ByteLevel","use_regex":false}]}""");

        Assert.Contains("'pre_tokenizer.pretokenizers[0].pattern.Regex' is 'a+b?'", Assert.Throws<ModelFileException>(() => Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("{\"model\":{\"vocab\":{\"a\":0,\"a\":1}}}")]
    [InlineData("{\"model\":\"\\ud800\"}")]
    public void Read_NotJson_IsAModelFileException(string text)
    {
        _folder.Write("tokenizer.json", System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Throws<ModelFileException>(() => HuggingFaceTokenizer.Read(_folder.Root));
    }

    private ITokenizer Read(JsonObject file, int? vocabularySize = null)
    {
        _folder.Write("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(file));
        return HuggingFaceTokenizer.Read(_folder.Root, vocabularySize);
    }

    private JsonObject ByteLevel(ITokenizer tokenizer)
    {
        _folder.Write("tokenizer_config.json", """{"bos_token":{"content":"<|endoftext|>"},"eos_token":"<|end|>"}"""u8.ToArray());
        GgufBuilder shipped = TokenizerSample.Shipped();
        using TemporaryFolder folder = new();
        using ModelFile file = ModelFile.Open(folder.Write("shipped.gguf", shipped.ToBytes()));
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial).Select(id => Added(id, tokenizer.TokenText(id), special: true))]),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = Vocab(tokenizer),
                ["merges"] = new JsonArray([.. file.Metadata.GetStrings("tokenizer.ggml.merges").Select(line => (JsonNode)line)]),
            },
        };
    }

    private static JsonObject ByteFallback()
    {
        ITokenizer tokenizer = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-llama.json"));
        JsonElement data = TokenizerSample.ReadJson("vocabulary-llama.json");
        float[] scores = [.. data.GetProperty("scores").EnumerateArray().Select(score => score.GetSingle())];
        int[] types = [.. data.GetProperty("types").EnumerateArray().Select(type => type.GetInt32())];
        string[] texts = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.TokenText)];
        HashSet<string> usable = [.. texts.Where((_, id) => types[id] is 1 or 4 or 5)];
        var merges =
            from id in Enumerable.Range(0, texts.Length)
            where usable.Contains(texts[id])
            orderby -scores[id]
            from at in Enumerable.Range(1, texts[id].Length - 1)
            let left = texts[id][..at]
            let right = texts[id][at..]
            where (left.Length == 1 || usable.Contains(left)) && (right.Length == 1 || usable.Contains(right))
            select (JsonNode)new JsonArray(left, right);
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, texts.Length).Where(id => types[id] is 2 or 3 or 4).Select(id => Added(id, texts[id], types[id] != 4))]),
            ["normalizer"] = Parse("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}"""),
            ["post_processor"] = Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}}]}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["byte_fallback"] = true, ["unk_token"] = "<unk>", ["vocab"] = Vocab(tokenizer), ["merges"] = new JsonArray([.. merges]) },
        };
    }

    private static JsonObject Vocab(ITokenizer tokenizer) =>
        new(Enumerable.Range(0, tokenizer.VocabularySize).Select(id => KeyValuePair.Create(tokenizer.TokenText(id), (JsonNode?)id)));

    private static JsonNode Added(int id, string text, bool special) => new JsonObject { ["id"] = id, ["content"] = text, ["special"] = special };

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
}
