using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Execution;

public sealed class ShardEngineTests
{
    private static readonly int[] Prompt = [4, 8, 15, 16, 23, 42, 7];
    private static readonly int[] Blocks = [9, 3, 30, 12, 5, 6];
    private static readonly SamplingParameters Sampling = new() { Temperature = 0.8f, Seed = 11, FrequencyPenalty = 0.3f, RepetitionPenalty = 1.1f };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Execute_PromptThenSingleTokens_IsAutoregression(int shards)
    {
        int[] expected = Pipeline.Autoregress(Prompt, Sampling, 8);
        Pipeline sut = new(shards);

        List<int> tokens = [.. Prompt, .. sut.Start(1, Prompt, Sampling, Blocks).Tokens];
        while (tokens.Count < Prompt.Length + 8)
        {
            tokens.AddRange(sut.RunOne(Pipeline.Rows(1, [.. tokens.SkipLast(1)], [tokens[^1]])).Tokens);
        }

        Assert.Equal(expected, tokens.Skip(Prompt.Length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void Execute_ChainRightUpToAPoint_AcceptsThatManyAndAddsTheTargetsToken(int right)
    {
        int[] expected = Pipeline.Autoregress(Prompt, Sampling, 12);
        Pipeline sut = new(2);
        sut.Start(1, Prompt, Sampling, Blocks);
        int[] drafts = [.. expected.Skip(1).Take(5)];
        if (right < 5)
        {
            drafts[right] = (drafts[right] + 1) % 50;
        }

        SequenceResult result = sut.RunOne(Pipeline.Rows(1, Prompt, [expected[0]], drafts));

        Assert.Equal(right, result.Accepted);
        Assert.Equal(expected.Skip(1).Take(right + 1), result.Tokens);
        Assert.Equal(Enumerable.Range(1, right), result.Path);
        int[] next = [.. Prompt, .. expected.Take(1 + right)];
        Assert.Equal([expected[right + 2]], sut.RunOne(Pipeline.Rows(1, next, [expected[right + 1]])).Tokens);
    }

    [Fact]
    public void Execute_Tree_WalksToTheTargetsTokensAndKeepsThePath()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Sampling, 12);
        Pipeline sut = new(2);
        sut.Start(1, Prompt, Sampling, Blocks);
        int wrong = (expected[1] + 1) % 50;
        // Rows 1 and 2 are wrong; 3, 5 and 6 are the target's tokens; 4 is a wrong child of 3.
        int[] drafts = [wrong, wrong, expected[1], (expected[2] + 1) % 50, expected[2], expected[3]];
        int[] parents = [0, 1, 0, 3, 3, 5];

        SequenceResult result = sut.RunOne(Pipeline.Rows(1, Prompt, [expected[0]], drafts, parents));
        Assert.Equal(expected.Skip(1).Take(4), result.Tokens);
        Assert.Equal([3, 5, 6], result.Path);
        Assert.True(sut.Engines[0].FreeScratchRows < sut.Spec.ScratchTokens);

        int[] prefix = [.. Prompt, .. expected.Take(4)];
        Assert.Equal([expected[5]], sut.RunOne(Pipeline.Rows(1, prefix, [expected[4]], keep: result.Path)).Tokens);
        Assert.All(sut.Engines, engine => Assert.Equal(sut.Spec.ScratchTokens, engine.FreeScratchRows));
    }

    [Fact]
    public void Start_BeforeTheLastShard_TakesASecondStepWhileTheFirstIsComputed()
    {
        FakeShard shard = new(FakeShard.Shape(0, 2)) { PassesOverlap = true };
        ShardEngine sut = new(shard);
        ShardEngine expected = new(new FakeShard(FakeShard.Shape(0, 2)));
        StepBatch[] steps = [Step(1, Pipeline.Rows(1, [], Prompt)), Step(2, Pipeline.Rows(1, Prompt, [3])), Step(3, Pipeline.Rows(1, Prompt, [3, 9]))];
        List<StepOutcome> outcomes = [];

        sut.Start(steps[0], [], CancellationToken.None);
        sut.Start(steps[1], [], CancellationToken.None);
        Assert.False(sut.MayStart);
        Assert.Throws<InvalidOperationException>(() => sut.Start(steps[2], [], CancellationToken.None));
        AssertSame(steps[0], sut.Finish());
        sut.Start(steps[2], [], CancellationToken.None);
        AssertSame(steps[1], sut.Finish());
        AssertSame(steps[2], sut.Finish());

        Assert.Throws<InvalidOperationException>(() => sut.Finish());
        Assert.Equal(2, shard.MostUnderWay);

        void AssertSame(StepBatch step, StepOutcome outcome)
        {
            StepOutcome whole = expected.Execute(step, [], CancellationToken.None);
            Assert.Null(outcome.Error);
            Assert.Same(step, outcome.Batch);
            Assert.Equal(whole.RowCount, outcome.RowCount);
            Assert.Equal(whole.Hidden.ToArray(), outcome.Hidden.ToArray());
        }

        StepBatch Step(int number, SequenceRows rows)
        {
            StepBatch batch = new() { Epoch = 1, Step = number };
            if (number == 1)
            {
                batch.Opens.Add(new SequenceOpen { Slot = 1, Tokens = Prompt, PromptTokens = Prompt.Length, CachedTokens = 0, Blocks = Blocks, Sampling = Sampling });
            }
            batch.Sequences.Add(rows);
            return batch;
        }
    }

    [Fact]
    public void MayStart_AtTheLastShardOrWhereAPassIsCancelled_WaitsForTheStepBefore()
    {
        FakeShard first = new(FakeShard.Shape(0, 2)) { PassesOverlap = true };
        ShardEngine sut = new(first);
        ShardEngine last = new(new FakeShard(FakeShard.Shape()) { PassesOverlap = true });
        StepBatch empty = new() { Epoch = 1, Step = 1 };

        last.Start(empty, [], CancellationToken.None);
        Assert.False(last.MayStart);
        Assert.NotNull(last.Finish().Result);

        sut.Start(empty, [], CancellationToken.None);
        StepBatch cancelled = new() { Epoch = 1, Step = 2 };
        cancelled.Opens.Add(new SequenceOpen { Slot = 1, Tokens = Prompt, PromptTokens = Prompt.Length, CachedTokens = 0, Blocks = Blocks, Sampling = Sampling });
        cancelled.Sequences.Add(Pipeline.Rows(1, [], Prompt));
        Assert.Throws<OperationCanceledException>(() => sut.Start(cancelled, [], new CancellationToken(canceled: true)));
        Assert.True(sut.MayStart);
        Assert.Equal(0, sut.Finish().RowCount);
        Assert.Equal(0, first.MostUnderWay);
    }

    [Fact]
    public void Execute_CandidatesWanted_ReturnsTheLargestLogitsOfEveryVerifiedRow()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Sampling, 4);
        Pipeline sut = new(2);
        sut.Start(1, Prompt, Sampling, Blocks);
        int wrong = (expected[1] + 1) % 50;
        int[][] paths = [[], [expected[1]], [wrong], [wrong, 7]];

        SequenceResult result = sut.RunOne(Pipeline.Rows(1, Prompt, [expected[0]], [expected[1], wrong, 7], [0, 0, 2], candidates: true));

        Assert.Equal(paths.SelectMany(path => Likeliest([.. Prompt, expected[0], .. path])), result.Candidates);
        Assert.Empty(sut.RunOne(Pipeline.Rows(1, [.. Prompt, .. expected.Take(2)], [expected[2]])).Candidates);
    }

    private static IEnumerable<int> Likeliest(int[] tokens)
    {
        float[] logits = new float[50];
        FakeShard.Logits(PrefixHash.Of(tokens), 1, logits);
        return Enumerable.Range(0, 50).OrderByDescending(id => logits[id]).Take(SequenceResult.MostCandidates);
    }

    [Fact]
    public void Execute_NextStepSentBeforeTheResult_IsDroppedOrRightAndTheSequenceGoesOn()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Sampling, 12);
        Pipeline sut = new();
        sut.Start(1, Prompt, Sampling, Blocks);
        int[] drafts = [expected[1], expected[2]];
        sut.RunOne(Pipeline.Rows(1, Prompt, [expected[0]], drafts));

        // Believes that both drafts were accepted, and guesses the token after them.
        SequenceResult ahead = sut.RunOne(Pipeline.Rows(1, [.. Prompt, .. expected.Take(3)], [expected[3]]));
        SequenceResult behind = sut.RunOne(Pipeline.Rows(1, [.. Prompt, .. expected.Take(2)], [expected[2]]));

        Assert.Equal([expected[4]], ahead.Tokens);
        Assert.Equal([expected[3]], behind.Tokens);
    }
}
