using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>
/// The law on a device: an engine whose rows are drawn there answers every step as the engine that has the same logits at the host, whatever is asked, rows of trees, grammars,
/// errors and log-probabilities included.
/// </summary>
/// <remarks>Not derived for the PTX machine, where thousands of steps take too long; DrawSuite, CandidateSuite and LogitSuite run the same kernels there.</remarks>
public abstract class StepDrawSuite : KernelSuite
{
    private const int Sequences = 3;
    private const int End = 49;

    private static readonly GrammarSource Source = new(GrammarKind.Regex, "([a-m]+ ){1,3}[0-9]{1,3}");

    private static readonly Dictionary<string, Action<Span<float>>> Shapes = new()
    {
        ["plain"] = _ => { },
        ["peaked"] = row => Each(row, x => 3 * x),
        ["tied"] = row => Each(row, x => MathF.Round(x)),
        ["negative"] = row => Each(row, x => x - 6),
        ["few"] = row => Each(row, x => x < 2 ? float.NegativeInfinity : x),
        ["one"] = row => row[1..].Fill(float.NegativeInfinity),
    };

    private long _step;

    [KernelTheory]
    [InlineData("plain", 50, 1, 400)]
    [InlineData("plain", 320, 1, 400)]
    [InlineData("peaked", 50, 2, 300)]
    [InlineData("tied", 320, 4, 300)]
    [InlineData("negative", 50, 4, 300)]
    [InlineData("few", 320, 1, 300)]
    [InlineData("few", 50, 2, 200)]
    [InlineData("one", 50, 2, 100)]
    [InlineData("plain", 5000, 1, 60)]
    [InlineData("tied", 8200, 2, 40)]
    [InlineData("peaked", 5001, 4, 60)]
    public void Execute_AnyWayToSample_AnswersAsTheHostDoes(string shape, int vocabulary, int ranks, int steps)
    {
        Random random = new(steps + ranks + vocabulary);
        using ShardEngine host = Engine(new RowsShard(Fake(vocabulary), Shapes[shape]), vocabulary);
        using ShardEngine sut = Engine(new DrawnRowsShard(Accelerator, ranks, Fake(vocabulary), Shapes[shape]), vocabulary);
        GrammarVocabulary? texts = Texts(vocabulary);
        DrawCase cases = new(random, vocabulary, Shapes[shape], texts?.Compile(Source));
        int accepted = 0;
        for (int step = 0; step < steps; step++)
        {
            StepBatch batch = Step(cases, texts is null ? null : Source, step);

            List<SequenceResult> expected = host.Execute(batch, [], default).Result!.Sequences;
            List<SequenceResult> actual = sut.Execute(batch, [], default).Result!.Sequences;

            Assert.Equal(expected.Count, actual.Count);
            for (int i = 0; i < expected.Count; i++)
            {
                AssertSame(expected[i], actual[i], batch.Opens[i].Sampling);
            }
            accepted += expected.Sum(result => result.Accepted);
        }
        Assert.True(accepted > steps / 2, $"Only '{accepted}' drafts were accepted: trees were hardly walked.");
    }

    [KernelTheory]
    [InlineData(0, 1f, 0f, false)]
    [InlineData(40, 1f, 0f, false)]
    [InlineData(1024, 0.8f, 0f, false)]
    [InlineData(1025, 1f, 0f, true)]
    [InlineData(0, 0.5f, 0.01f, false)]
    [InlineData(0, 1f, 0.5f, false)]
    [InlineData(0, 0.999f, 0f, true)]
    [InlineData(0, 1f, 1e-6f, true)]
    public void Execute_Truncation_TakesTheRowOnlyWhereCandidatesDoNotTell(int topK, float topP, float minP, bool takes)
    {
        DrawnRowsShard shard = new(Accelerator, 1, Fake(5000), Shapes["plain"]);
        using ShardEngine sut = Engine(shard, 5000);

        Assert.Null(Decode(sut, new SamplingParameters { Seed = 3, TopK = topK, TopP = topP, MinP = minP }).Error);

        Assert.Equal(takes ? 1 : 0, shard.RowsRead);
    }

    [KernelFact]
    public void Execute_PlainDraws_BringAResultARowToTheHost()
    {
        DrawnRowsShard shard = new(Accelerator, 1, Fake(5000), Shapes["plain"]);
        using ShardEngine sut = Engine(shard, 5000);

        Decode(sut, new SamplingParameters { Seed = 3 });

        Assert.Equal(24, shard.HostBytes);
    }

    [KernelTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void Execute_LogitsThatCannotBeUsed_FailsTheRowsThatAreWalkedTo(int ranks)
    {
        FakeShard fake = Fake(50);
        int[] prompt = [1, 2, 3];
        ulong bad = PrefixHash.Of([.. prompt, 9]);
        fake.NanAfter = prefix => prefix == bad;
        using ShardEngine sut = Engine(new DrawnRowsShard(Accelerator, ranks, fake, Shapes["plain"]), 50);
        SamplingParameters nine = new() { LogitBias = new Dictionary<int, float> { [9] = 90 } };

        Assert.Equal(SamplingException.NanLogits, Decode(sut, nine, prompt, [9]).Error?.Type);
        Assert.Null(Decode(sut, nine with { BannedTokens = [9] }, prompt, [9]).Error);
        Assert.Equal(
            SamplingException.NoCandidates, Decode(sut, new SamplingParameters { BannedTokens = [.. Enumerable.Range(0, 50)] }, prompt, []).Error?.Type);
    }

    private SequenceResult Decode(ShardEngine engine, SamplingParameters sampling, int[]? prompt = null, int[]? drafts = null)
    {
        prompt ??= [5, 6, 7];
        StepBatch batch = new() { Epoch = ++_step, Step = _step };
        batch.Opens.Add(Open(0, prompt, sampling));
        batch.Sequences.Add(new SequenceRows
        {
            Slot = 0,
            BaseLength = 0,
            PrefixHash = PrefixHash.Empty,
            Tokens = [.. prompt, .. drafts ?? []],
            KnownCount = prompt.Length,
            Sample = true,
        });
        return Assert.Single(engine.Execute(batch, [], default).Result!.Sequences);
    }

    private static StepBatch Step(DrawCase cases, GrammarSource? source, int step)
    {
        // A step of a higher epoch closes all slots first.
        StepBatch batch = new() { Epoch = step, Step = step };
        for (int slot = 0; slot < Sequences; slot++)
        {
            int[] prompt = cases.Prompt();
            SamplingParameters sampling = cases.Sampling(source);
            batch.Opens.Add(Open(slot, prompt, sampling));
            batch.Sequences.Add(cases.Rows(slot, prompt, sampling));
        }
        return batch;
    }

    private static SequenceOpen Open(int slot, int[] prompt, SamplingParameters sampling) => new()
    {
        Slot = slot,
        Tokens = prompt,
        PromptTokens = prompt.Length,
        CachedTokens = 0,
        Blocks = [.. Enumerable.Range(slot * DrawCase.Blocks, DrawCase.Blocks)],
        Sampling = sampling,
    };

    // Several groups of sequences a step: the logits of about one sequence at a time.
    private static ShardEngine Engine(Inference.Graph.IShard shard, int vocabulary) => new(
        shard,
        new ShardEngineOptions { LogitBytes = 10 * vocabulary * sizeof(float), MaxDraftTokens = 8 },
        grammars: Texts(vocabulary) is { } texts ? new Lazy<GrammarVocabulary>(texts) : null);

    private static FakeShard Fake(int vocabulary) =>
        new(FakeShard.Shape(vocabulary: vocabulary)) { NanAfter = prefix => prefix % 41 == 0 };

    private static GrammarVocabulary? Texts(int vocabulary) => vocabulary == End + 1
        ? new GrammarVocabulary([.. "abcdefghijklmnopqrstuvwxyz0123456789{}\":,[] -.+*\\/".Select(c => new[] { (byte)c })], [End])
        : null;

    private static void AssertSame(SequenceResult expected, SequenceResult actual, SamplingParameters sampling)
    {
        string asked = $"{sampling}";
        Assert.True(expected.Error == actual.Error, $"{asked}: error '{actual.Error}', expected '{expected.Error}'.");
        Assert.True(
            expected.Tokens.SequenceEqual(actual.Tokens),
            $"{asked}: drew {string.Join(' ', actual.Tokens)}; the host draws {string.Join(' ', expected.Tokens)}.");
        Assert.Equal(expected.Path, actual.Path);
        Assert.Equal(expected.Candidates, actual.Candidates);
        Assert.Equal(expected.Logprobs.Select(one => one.Logprob), actual.Logprobs.Select(one => one.Logprob));
        Assert.Equal(expected.Logprobs.SelectMany(one => one.TopIds), actual.Logprobs.SelectMany(one => one.TopIds));
        Assert.Equal(expected.Logprobs.SelectMany(one => one.TopLogprobs), actual.Logprobs.SelectMany(one => one.TopLogprobs));
    }

    private static void Each(Span<float> row, Func<float, float> change)
    {
        foreach (ref float logit in row)
        {
            logit = change(logit);
        }
    }
}
