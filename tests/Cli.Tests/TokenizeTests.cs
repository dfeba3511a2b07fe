using System.Text;
using System.Text.Json;
using Winnow.Cli.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow tokenize</c> and <c>winnow detokenize</c>.</summary>
public sealed class TokenizeTests(Models models) : IClassFixture<Models>
{
    private const string Text = "Tom <|user|> has 3 é😀";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tokenize_Json_IsIdsAndPiecesOfTheTokenizer(bool noSpecial)
    {
        ITokenizer tokenizer = Tokenizer();

        JsonElement json = (await Tool.RunAsync(["tokenize", "--model", Models.Target, "--text", Text, "--json", .. noSpecial ? new[] { "--no-special" } : []])).Json();

        int[] expected = tokenizer.Encode(Text, addSpecial: !noSpecial, parseSpecial: !noSpecial);
        JsonAssert.Names(json, "ids", "pieces");
        Assert.Equal(expected, json.Integers("ids"));
        Assert.Equal(expected.Select(tokenizer.TokenText), json.Strings("pieces"));
        Assert.Equal(!noSpecial, json.Strings("pieces").Contains("<|user|>"));
    }

    [Fact]
    public async Task Tokenize_File_IsReadByteForByte()
    {
        string text = "\uFEFFa\r\nb\n";
        string path = models.Write("text.txt", Encoding.UTF8.GetBytes(text));

        JsonElement json = (await Tool.RunAsync("tokenize", "--model", models.Tiny, "--file", path, "--no-special", "--json")).Json();

        Assert.Equal(Encoding.UTF8.GetByteCount(text), json.Integers("ids").Length);
    }

    [Fact]
    public async Task Tokenize_ForPeople_IsATokenALine()
    {
        string output = (await Tool.RunAsync("tokenize", "--model", models.Tiny, "--text", "@hello")).Text();

        Assert.Equal(["264  <s>", "64  @", "260  hell", "111  o", "4 tokens"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task Detokenize_IdsOfATextWithoutSpecials_IsExactlyTheText()
    {
        int[] ids = Tokenizer().Encode(Text + "\n ", addSpecial: false, parseSpecial: false);

        Assert.Equal(Text + "\n ", (await Tool.RunAsync("detokenize", "--model", Models.Target, "--ids", string.Join(',', ids))).Text());
    }

    [Theory]
    [InlineData("{\"text\":\"<s>hell\"}")]
    [InlineData("{\"text\":\"hell\"}", "--no-special")]
    public async Task Detokenize_SpecialTokens_AreNamesUnlessUnwanted(string expected, params string[] flags)
    {
        ToolResult result = await Tool.RunAsync(["detokenize", "--model", models.Tiny, "--ids", "264,260", "--json", .. flags]);

        Assert.Equal(expected, result.Json().GetRawText());
    }

    [Theory]
    [InlineData("--ids", "1,x")]
    [InlineData("--ids", "267")]
    [InlineData("--ids", "-1")]
    [InlineData("--ids", "1,,2")]
    [InlineData("--json")]
    public async Task Detokenize_BadIds_IsBadUsage(params string[] flags)
        => (await Tool.RunAsync(["detokenize", "--model", models.Tiny, .. flags])).AssertBadUsage("--ids");

    [Fact]
    public async Task Tokenize_FileThatIsNotUtf8_Fails()
    {
        string path = models.Write("bad.txt", [(byte)'a', 0xFF]);

        (await Tool.RunAsync("tokenize", "--model", models.Tiny, "--file", path)).AssertFailed("bad.txt", "not UTF-8 at byte 1");
    }

    [Fact]
    public async Task Tokenize_ModelWithoutTokenizer_Fails()
        => (await Tool.RunAsync("tokenize", "--model", models.NoTokenizer, "--text", "a")).AssertFailed("bare.gguf", "tokenizer.ggml.model", "missing");

    private static ITokenizer Tokenizer()
    {
        using var file = ModelFile.Open(Models.Target);
        return TokenizerFactory.FromFile(file);
    }
}
