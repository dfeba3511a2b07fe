using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Execution;

/// <summary>Steps of sequences with grammars; first of all the accidents that others had (SPEC.md, section 24).</summary>
public sealed class GrammarStepTests
{
    private const int End = 49;
    private static readonly int[] Prompt = [3, 1, 4, 1, 5];
    private static readonly int[] Blocks = [.. Enumerable.Range(0, 20)];

    // 26 letters, 10 digits, some signs; the last token is the end.
    private static readonly GrammarVocabulary Texts = new(
        [.. "abcdefghijklmnopqrstuvwxyz0123456789{}\":,[] -.+*\\/".Select(c => new[] { (byte)c })], [End]);

    private static readonly SamplingParameters Sampled = new() { Temperature = 1, Seed = 5, Grammar = new GrammarSource(GrammarKind.Regex, "([a-m]+ ){2,}[0-9]{3}") };

    private readonly Pipeline _pipeline = new(grammars: Texts);

    [Fact]
    public void Step_DraftsBehindTheEnd_AreNeverReachedWithAnError()
    {
        SamplingParameters sampling = Sampled with { Grammar = new GrammarSource(GrammarKind.Choice, """["a","a1"]""") };
        int first = Assert.Single(_pipeline.Start(0, Prompt, sampling, Blocks).Tokens);
        Assert.Equal(0, first);

        // Whatever comes after 'a': the end, or a digit and a text that is complete; then the end again and again, or anything.
        foreach (int[] drafts in (int[][])[[End, End, End, End], [27, End, End, 5], [27, 3, 3, 3], [End, 7, 7, 7]])
        {
            SequenceResult result = _pipeline.RunOne(Pipeline.Rows(0, Prompt, [first], drafts));

            Assert.Null(result.Error);
            Assert.Equal(result.Accepted + 1, result.Tokens.Length);
            Assert.True(result.Tokens[0] == End || (result.Tokens[0] == 27 && result.Tokens.Skip(1).All(token => token == End)));
        }
    }

    [Fact]
    public void Step_FirstWindowAndEveryLater_MasksEveryRow()
    {
        int[] expected = Generate(Sampled, 24);
        Assert.NotNull(Texts.Compile(Sampled.Grammar!).Start.Advance(expected));

        // The prompt's last rows and drafts in one step; then windows whose drafts are right, wrong by the grammar, wrong by the draw.
        StepBatch batch = Open(0, Prompt, Sampled);
        batch.Sequences.Add(Pipeline.Rows(0, [], Prompt, [expected[0], expected[1], 47]));
        SequenceResult result = _pipeline.Run(batch).Result!.Sequences.Single();
        List<int> tokens = [.. result.Tokens];
        for (int round = 0; tokens.Count < 20; round++)
        {
            int[] right = expected[tokens.Count..(tokens.Count + 3)];
            int[] drafts = (round % 3) switch { 0 => right, 1 => [right[0], 47, right[2]], _ => [right[0], (right[1] + 1) % 13, right[2]] };
            result = _pipeline.RunOne(Pipeline.Rows(0, [.. Prompt, .. tokens[..^1]], [tokens[^1]], drafts));
            Assert.Null(result.Error);
            tokens.AddRange(result.Tokens);
        }

        Assert.Equal(expected[..tokens.Count], tokens);
    }

    [Fact]
    public void Step_Trees_MaskEveryNode()
    {
        int[] expected = Generate(Sampled, 8);
        int first = Assert.Single(_pipeline.Start(0, Prompt, Sampled, Blocks).Tokens);

        SequenceResult result = _pipeline.RunOne(Pipeline.Rows(
            0, Prompt, [first], [47, expected[1], End, expected[2], 46, expected[3]], parents: [0, 0, 2, 2, 2, 4]));

        Assert.Equal(expected[1..5], result.Tokens);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void Step_AfterTheSequenceOpensAnew_GoesOnWithTheSameTokens(int generated)
    {
        int[] expected = Generate(Sampled, 16);

        // As after a failover, in chunks, none of which samples but the last.
        int[] known = [.. Prompt, .. expected[..generated]];
        _pipeline.Run(Open(0, known, Sampled));
        StepBatch chunk = _pipeline.NewStep();
        chunk.Sequences.Add(new SequenceRows { Slot = 0, BaseLength = 0, PrefixHash = PrefixHash.Empty, Tokens = known[..3], KnownCount = 3, Sample = false });
        _pipeline.Run(chunk);
        SequenceResult result = _pipeline.RunOne(Pipeline.Rows(0, known[..3], known[3..], [expected[generated], 47, 47]));

        Assert.Equal(expected[generated..(generated + 2)], result.Tokens);
    }

    [Fact]
    public void At_ManyWindowsThatAreRejected_FollowsEveryTokenOnce()
    {
        GrammarVocabulary texts = new([[(byte)'a'], [(byte)'b']], []);
        GrammarCursor sut = new(texts.Compile(new GrammarSource(GrammarKind.Regex, "[ab]*")), 1);
        TokenChain chain = new();
        chain.Append(0);
        for (int i = 0; i < 5000; i++)
        {
            // A window of drafts, rejected but for one token.
            chain.Append([0, 1, 1, 0]);
            chain.Truncate(chain.Length - 4);
            chain.Append(i & 1);
            sut.At(chain, chain.Length);
        }

        Assert.Equal(5000, sut.Followed);
    }

    [Fact]
    public void At_AnotherSequenceOfTheSameLength_BeginsAnew()
    {
        GrammarVocabulary texts = new([[(byte)'a'], [(byte)'b']], []);
        TokenGrammar grammar = texts.Compile(new GrammarSource(GrammarKind.Regex, "a*b?"));
        GrammarCursor sut = new(grammar, 1);
        TokenChain chain = new();
        chain.Append([0, 0, 1]);
        Assert.True(sut.At(chain, 3).IsFinished);
        chain.Truncate(1);
        chain.Append([0, 0, 0]);

        Assert.Same(grammar.Start.Advance([0, 0, 0]), sut.At(chain, 4));
    }

    [Fact]
    public void Step_HostileRowsAndOpens_AreAnsweredRowByRow()
    {
        SamplingParameters broken = Sampled with { Grammar = new GrammarSource(GrammarKind.Gbnf, "root ::= root") };
        SamplingParameters unknown = Sampled with { Grammar = new GrammarSource((GrammarKind)99, "") };
        Assert.Equal(StepErrorTypes.BadOpen, _pipeline.Start(0, Prompt, broken, [0, 1]).Error!.Type);
        Assert.Equal(StepErrorTypes.BadOpen, _pipeline.Start(1, Prompt, unknown, [2, 3]).Error!.Type);
        Assert.Equal(StepErrorTypes.BadOpen, new Pipeline().Start(0, Prompt, Sampled, [0, 1]).Error!.Type);

        // Its own tokens are none of the grammar's, and nothing of the vocabulary goes on with another.
        StepBatch batch = Open(2, [.. Prompt, 47], Sampled);
        batch.Sequences.Add(Pipeline.Rows(2, [], [.. Prompt, 47]));
        Assert.Equal(StepErrorTypes.GrammarFailed, _pipeline.Run(batch).Result!.Sequences.Single().Error!.Type);
        SamplingParameters unspeakable = Sampled with { Grammar = new GrammarSource(GrammarKind.Regex, "é") };
        Assert.Equal(StepErrorTypes.GrammarFailed, _pipeline.Start(3, Prompt, unspeakable, [4, 5]).Error!.Type);

        Assert.Null(_pipeline.Start(4, Prompt, Sampled, [6, 7, 8]).Error);
    }

    [Fact]
    public void Step_OfSeveralSequences_MasksOnlyThoseWithAGrammar()
    {
        SamplingParameters plain = Sampled with { Grammar = null };
        StepBatch batch = Open(0, Prompt, Sampled);
        batch.Opens.Add(new SequenceOpen { Slot = 1, Tokens = Prompt, PromptTokens = Prompt.Length, CachedTokens = 0, Blocks = [20, 21], Sampling = plain });
        batch.Sequences.Add(Pipeline.Rows(0, [], Prompt));
        batch.Sequences.Add(Pipeline.Rows(1, [], Prompt));

        List<SequenceResult> results = _pipeline.Run(batch).Result!.Sequences;

        Assert.Equal(Generate(Sampled, 1), results[0].Tokens);
        Assert.Equal(Pipeline.Autoregress(Prompt, plain, 1), results[1].Tokens);
    }

    private StepBatch Open(int slot, int[] tokens, SamplingParameters sampling)
    {
        StepBatch batch = _pipeline.NewStep();
        batch.Opens.Add(new SequenceOpen { Slot = slot, Tokens = tokens, PromptTokens = Prompt.Length, CachedTokens = 0, Blocks = Blocks, Sampling = sampling });
        return batch;
    }

    /// <summary>Plain autoregression, masked.</summary>
    private static int[] Generate(SamplingParameters sampling, int count)
    {
        TokenSampler sampler = new(50);
        SamplingPlan plan = SamplingPlan.Create(sampling, 50);
        GrammarState state = Texts.Compile(sampling.Grammar!).Start;
        List<int> tokens = [.. Prompt];
        float[] logits = new float[50];
        for (int index = 0; index < count; index++)
        {
            FakeShard.Logits(PrefixHash.Of([.. tokens]), 1, logits);
            sampler.Mask = state.Mask;
            tokens.Add(state.IsFinished ? state.EndToken : sampler.Sample(logits, plan, null, [], index));
            state = state.Advance(tokens[^1])!;
        }
        return [.. tokens.Skip(Prompt.Length)];
    }
}
