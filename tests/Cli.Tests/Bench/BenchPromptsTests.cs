using Winnow.Cli.Bench;
using Winnow.Cli.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests.Bench;

/// <summary>Prompts of a benchmark: the shipped ones, files, and their encoding.</summary>
public sealed class BenchPromptsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ITokenizer _tokenizer;
    private readonly ChatTemplate _template;

    public BenchPromptsTests()
    {
        using var file = ModelFile.Open(Models.Target);
        _tokenizer = TokenizerFactory.FromFile(file);
        _template = ChatTemplate.FromFile(file);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_CopyEdit_Is20TextsWhoseCopyIsBegun()
    {
        IReadOnlyList<string> prompts = BenchPrompts.Read(BenchPrompts.CopyEdit);

        Assert.Equal(20, prompts.Distinct().Count());
        Assert.All(prompts, prompt => Assert.Contains(prompt[(prompt.IndexOf("Copy: ", StringComparison.Ordinal) + 6)..], prompt[..prompt.IndexOf("Copy: ", StringComparison.Ordinal)], StringComparison.Ordinal));
    }

    [Fact]
    public void Read_AskedAgain_Is20ProblemsAnsweredAndAskedAgainWithAChange()
    {
        IReadOnlyList<string> prompts = BenchPrompts.Read(BenchPrompts.AskedAgain);

        Assert.Equal(20, prompts.Distinct().Count());
        Assert.All(prompts, prompt =>
        {
            string[] lines = prompt.Split('\n');
            Assert.True(lines.Length >= 3 && lines[0] != lines[^1] && lines[^1].EndsWith('?'), prompt);
            Assert.NotEmpty(lines[0].Split(' ').Intersect(lines[^1].Split(' ')));
        });
    }

    [Fact]
    public void Read_BuiltIn_Is64DifferentProblems()
    {
        IReadOnlyList<string> prompts = BenchPrompts.Read(BenchPrompts.BuiltIn);

        Assert.Equal(64, prompts.Distinct().Count());
        Assert.All(prompts, prompt => Assert.InRange(prompt.Length, 40, 1000));
    }

    [Fact]
    public void Read_FileOfTextAndJson_GivesAPromptALine()
    {
        string path = Write("plain text", "", """{"question":"q","answer":"a"}""", """{"prompt":"p"}""");

        Assert.Equal(["plain text", "q", "p"], BenchPrompts.Read(path));
    }

    [Theory]
    [InlineData("{\"question\":1}", "line 2, has neither")]
    [InlineData("{\"question\"", "line 2, is not valid JSON")]
    public void Read_MalformedLine_NamesTheLine(string line, string expected)
    {
        string path = Write("good", line);

        CliException error = Assert.Throws<CliException>(() => BenchPrompts.Read(path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(CliException.Failed, error.ExitCode);
    }

    [Fact]
    public void Read_EmptyFile_Fails()
    {
        string path = Write(" ", "");

        Assert.Contains("has no prompts", Assert.Throws<CliException>(() => BenchPrompts.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(300)]
    public void Encode_WithLength_JoinsAndCutsToIt(int promptTokens)
    {
        IReadOnlyList<int[]> prompts = BenchPrompts.Encode(["Tom has 3 bags.", "Ann has 4."], _tokenizer, _template, promptTokens);

        Assert.Equal(2, prompts.Count);
        Assert.All(prompts, prompt => Assert.Equal(promptTokens, prompt.Length));
        Assert.All(prompts, prompt => Assert.Equal(_tokenizer.BeginToken, prompt[0]));
    }

    [Fact]
    public void Encode_WithTemplate_IsAUserMessageUpToTheAnswer()
    {
        int[] prompt = Assert.Single(BenchPrompts.Encode(["Tom <|end|> has"], _tokenizer, _template, promptTokens: null));

        Assert.Equal("<|endoftext|><|user|>Tom <|end|> has<|end|><|assistant|>", _tokenizer.Decode(prompt, skipSpecial: false));
    }

    [Fact]
    public void Encode_WithoutTemplate_IsThePlainText()
    {
        int[] prompt = Assert.Single(BenchPrompts.Encode(["Tom <|end|>"], _tokenizer, template: null, promptTokens: null));

        Assert.Equal(_tokenizer.Encode("Tom <|end|>", addSpecial: true, parseSpecial: false), prompt);
    }

    private string Write(params string[] lines) => _folder.Write("prompts.txt", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
}
