using System.Diagnostics;
using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>
/// A megabyte of anything is encoded in time that grows with its length: quadratic merging or splitting would take minutes to hours, so
/// the bound only tells these apart. docs/tokenisers.md has measured times.
/// </summary>
public sealed class TokenizerSpeedTests
{
    private const int Length = 1_000_000;

    [Theory]
    [InlineData("shipped")]
    [InlineData("deepseek-llm")]
    [InlineData("tekken")]
    [InlineData("vocabulary-llama.json")]
    [InlineData("vocabulary-bert.json")]
    public void Encode_OneMegabyte_TakesLinearTime(string name)
    {
        ITokenizer sut = TokenizerSample.Read(name switch
        {
            "shipped" => TokenizerSample.Shipped(),
            ['v', ..] => TokenizerSample.FromJson(name),
            _ => TokenizerSample.Shipped().Without("tokenizer.ggml.pre").Set("tokenizer.ggml.pre", name),
        });
        Random random = new(7);
        string[] texts =
        [
            string.Concat(Enumerable.Repeat("The tokens of a request, 12 of them. ", Length / 37)),
            new string('e', Length),
            new string(' ', Length),
            new string('\n', Length),
            new string('7', Length),
            new string('\'', Length),
            string.Create(Length / 3, random, static (span, random) => { foreach (ref char c in span) { c = (char)random.Next(0x4E00, 0x9FA5); } }),
            string.Concat(Enumerable.Repeat("\u3000\n ", Length / 5)),
        ];
        Stopwatch watch = Stopwatch.StartNew();

        Assert.All(texts, text => Assert.NotNull(sut.Encode(text, addSpecial: false, parseSpecial: true)));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"took {watch.Elapsed}");
    }
}
