using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Execution;

public sealed class ShardEngineBadInputTests
{
    private static readonly int[] Prompt = [4, 8, 15, 16, 23, 42, 7];
    private static readonly int[] Blocks = [9, 3, 30, 12];
    private static readonly SamplingParameters Sampling = new() { Seed = 2 };
    private static readonly int[] Expected = Pipeline.Autoregress(Prompt, Sampling, 20);

    public static TheoryData<string, SequenceRows> BadRows => new()
    {
        { "unknown_slot", Row(slot: 2) },
        { "unknown_slot", Row(slot: -1) },
        { "prefix_mismatch", Row(hash: 1) },
        { "prefix_mismatch", Row(baseLength: 9) },
        { "bad_row", Row(baseLength: -1) },
        { "bad_row", Row(known: 0) },
        { "bad_row", Row(known: 5) },
        { "bad_row", Row(known: -1) },
        { "bad_row", Row(tokens: [50]) },
        { "bad_row", Row(tokens: [-1]) },
        { "bad_row", Row(tokens: [1, 2, 3], parents: [0]) },
        { "bad_row", Row(tokens: [1, 2], sample: false) },
        { "bad_row", Row(baseLength: 2) },
        { "bad_row", Row(keep: [1]) },
        { "bad_row", Row(keep: [-1]) },
        { "bad_row", Row(truncate: 5) },
        { "bad_row", Row(truncate: -1) },
        { "bad_row", Row(truncate: 1) },
        { "bad_row", Row(blocks: [64]) },
        { "bad_row", Row(blocks: [-1]) },
        { "bad_row", Row(blocks: new int[64]) },
        { "bad_row", Row(tokens: new int[20], known: 20) },
        { "context_exceeded", Row(tokens: new int[90], known: 90) },
        { "context_exceeded", Row(baseLength: int.MaxValue) },
    };

    public static TheoryData<SequenceOpen> BadOpens =>
    [
        Open([], 0), Open(Prompt, 0), Open(Prompt, 8), Open(Prompt, -1), Open(new int[97], 1), Open([1, 50], 1), Open([1, -5], 1),
        Open(Prompt, 7, cached: -1), Open(Prompt, 7, cached: 8), Open(Prompt, 7, cached: 5, blocks: [1]), Open(Prompt, 7, blocks: [64]),
        Open(Prompt, 7, blocks: [-1]), Open(Prompt, 7, blocks: new int[65]), Open(Prompt, 7, sampling: new() { Temperature = float.NaN }),
        Open(Prompt, 7, sampling: new() { LogitBias = new Dictionary<int, float> { [99] = 1 } }),
    ];

    [Theory]
    [MemberData(nameof(BadRows))]
    public void Execute_BadRow_DropsItAloneWithItsTypeAndChangesNothing(string type, SequenceRows bad)
    {
        Pipeline sut = Started(shards: 2, slot: 1);
        sut.Start(3, Prompt, Sampling, [20, 21, 22]);
        StepBatch batch = sut.NewStep();
        batch.Sequences.Add(bad);
        batch.Sequences.Add(Pipeline.Rows(3, Prompt, [Expected[0]]));

        StepOutcome outcome = sut.Run(batch);

        Assert.Equal(type, outcome.Result!.Sequences.Single(result => result.Slot == bad.Slot).Error!.Type);
        Assert.Equal([Expected[1]], outcome.Result.Sequences.Single(result => result.Slot == 3).Tokens);
        Assert.Equal([Expected[1]], sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]])).Tokens);
    }

    [Theory]
    [MemberData(nameof(BadOpens))]
    public void Execute_BadOpen_DropsTheSequencesRowsUntilItIsClosed(SequenceOpen open)
    {
        Pipeline sut = new(2);
        StepBatch batch = sut.NewStep();
        batch.Opens.Add(open);
        batch.Sequences.Add(Row());

        Assert.Equal("bad_open", sut.Run(batch).Result!.Sequences.Single().Error!.Type);
        Assert.Equal("bad_open", sut.RunOne(Row()).Error!.Type);
        StepBatch close = sut.NewStep();
        close.Closes.Add(1);
        Assert.Empty(sut.Run(close).Result!.Sequences);
        Assert.Equal([Expected[0]], sut.Start(1, Prompt, Sampling, Blocks).Tokens);
    }

    [Theory]
    [InlineData(new[] { -1 })]
    [InlineData(new[] { 50 })]
    [InlineData(new[] { int.MaxValue, 0 })]
    public void Execute_DraftIdOutOfRange_IsCutAndTheSequenceGoesOn(int[] bad)
    {
        Pipeline sut = Started(shards: 3, slot: 1);
        for (int right = 0; right < 3; right++)
        {
            int[] drafts = [.. Expected[1..(1 + right)], .. bad, Expected[1 + right]];

            SequenceResult result = sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]], drafts));

            Assert.Equal(Expected[1..(2 + right)], result.Tokens);
        }
    }

    [Fact]
    public void Execute_TooManyDrafts_RunsAsManyAsBlocksAndLimitAllow()
    {
        Pipeline sut = new(2, options: new ShardEngineOptions { MaxDraftTokens = 6 });
        sut.Start(1, Prompt, Sampling, Blocks);
        Assert.Equal(6, sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]], Expected[1..20])).Accepted);

        // Blocks hold 16 tokens: base 7, one known, eight drafts.
        Pipeline other = Started(shards: 2, slot: 1);
        Assert.Equal(8, other.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]], Expected[1..20])).Accepted);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MinValue)]
    public void Execute_DraftParentOutOfRange_CutsFromThereOn(int parent)
    {
        Pipeline sut = Started(shards: 2, slot: 1);

        SequenceResult result = sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]], Expected[1..4], [0, parent, 2]));

        Assert.Equal(1, result.Accepted);
        Assert.Equal(Expected[1..3], result.Tokens);
    }

    [Fact]
    public void Execute_TreeWiderThanTheScratch_IsCutTheSameOnEveryShard()
    {
        Pipeline sut = new(3, scratch: 2);
        sut.Start(1, Prompt, Sampling, Blocks);
        int[] drafts = [Expected[1], 1, 2, 3, Expected[2]];

        SequenceResult result = sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]], drafts, [0, 0, 0, 0, 1]));

        Assert.Equal(1, result.Accepted);
        Assert.All(sut.Engines, engine => Assert.Equal(0, engine.FreeScratchRows));
    }

    [Fact]
    public void Execute_MoreRowsThanTheStepHolds_DropsTheLaterSequence()
    {
        Pipeline sut = new(2, options: new ShardEngineOptions { MaxStepRows = 9 });
        sut.Start(1, Prompt, Sampling, Blocks);
        StepBatch batch = sut.NewStep();
        batch.Opens.Add(Open(Prompt, 7, slot: 2, blocks: [40, 41]));
        batch.Sequences.Add(Pipeline.Rows(2, [], Prompt));
        batch.Sequences.Add(Pipeline.Rows(1, Prompt[..5], [.. Prompt[5..], Expected[0]]));

        StepResult result = sut.Run(batch).Result!;

        Assert.Equal([Expected[0]], result.Sequences[0].Tokens);
        Assert.Equal("too_many_rows", result.Sequences[1].Error!.Type);
    }

    [Fact]
    public void Execute_StepOutOfOrder_FailsIt()
    {
        Pipeline sut = Started(shards: 1, slot: 1);
        StepBatch old = new() { Epoch = 1, Step = 1 };
        StepBatch older = new() { Epoch = 0, Step = 99 };

        Assert.Equal("stale_step", sut.Run(old).Error!.Type);
        Assert.Equal("stale_step", sut.Run(older).Error!.Type);
    }

    [Fact]
    public void Execute_NewEpoch_ClosesAllSlots()
    {
        Pipeline sut = Started(shards: 1, slot: 1);

        sut.Run(new StepBatch { Epoch = 2, Step = 1 });

        Assert.Equal(0, sut.Engines[0].OpenSlots);
    }

    [Fact]
    public void Execute_ProblemOfNoSingleRow_FailsTheStepAndChangesNothing()
    {
        Pipeline sut = Started(shards: 1, slot: 1);
        StepBatch[] bad = [sut.NewStep(), sut.NewStep(), sut.NewStep(), sut.NewStep()];
        bad[0].Copies.Add(new BlockCopy(64, 0));
        bad[1].Copies.Add(new BlockCopy(0, -1));
        bad[2].Opens.Add(Open(Prompt, 7));
        bad[3].Sequences.AddRange([Row(), Row()]);
        Array.ForEach(bad, batch => batch.Closes.Add(77));

        Assert.All(bad, batch => Assert.Equal("bad_step", sut.Run(batch).Error!.Type));
        Assert.Equal([Expected[1]], sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]])).Tokens);
    }

    [Fact]
    public void Execute_MoreSequencesThanSlots_FailsTheStep()
    {
        Pipeline sut = new(1, options: new ShardEngineOptions { MaxSlots = 1 });
        sut.Start(1, Prompt, Sampling, Blocks);
        StepBatch batch = sut.NewStep();
        batch.Opens.Add(Open(Prompt, 7, slot: 2));

        Assert.Equal("bad_step", sut.Run(batch).Error!.Type);
    }

    [Fact]
    public void Execute_LaterShardGetsAnUncleanStep_FailsIt()
    {
        Pipeline sut = Started(shards: 2, slot: 1);
        StepBatch wrongHash = sut.NewStep();
        wrongHash.Sequences.Add(Row(hash: 1));
        StepBatch badDraft = sut.NewStep();
        badDraft.Sequences.Add(Row(tokens: [1, 99]));
        StepBatch wrongSize = sut.NewStep();
        wrongSize.Sequences.Add(Row());

        ShardEngine last = sut.Engines[1];
        Assert.Equal("shards_differ", last.Execute(wrongHash, [], CancellationToken.None).Error!.Type);
        Assert.Equal("shards_differ", last.Execute(badDraft, new float[4], CancellationToken.None).Error!.Type);
        Assert.Equal("bad_step", last.Execute(wrongSize, new float[5], CancellationToken.None).Error!.Type);
        Assert.Equal([Expected[1]], sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]])).Tokens);
    }

    [Fact]
    public void Execute_NanLogits_FailsTheSequenceAlone()
    {
        Pipeline sut = Started(shards: 1, slot: 1);
        sut.Start(2, Prompt[..3], Sampling, [50]);
        ulong poisoned = PrefixHash.Of([.. Prompt, Expected[0], Expected[1]]);
        sut.Shards[0].NanAfter = hash => hash == poisoned;
        StepBatch batch = sut.NewStep();
        batch.Sequences.Add(Pipeline.Rows(1, Prompt, [Expected[0]], [Expected[1]]));
        batch.Sequences.Add(Pipeline.Rows(2, Prompt[..3], [5]));

        StepResult result = sut.Run(batch).Result!;

        Assert.Equal("nan_logits", result.Sequences[0].Error!.Type);
        Assert.Single(result.Sequences[1].Tokens);
    }

    [Fact]
    public void Execute_ForwardFails_TakesTheStepsRowsBack()
    {
        Pipeline sut = Started(shards: 1, slot: 1);
        sut.Shards[0].OnForward = () => throw new OperationCanceledException();
        Assert.Throws<OperationCanceledException>(() => sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]], [1, 2], [0, 0])));
        sut.Shards[0].OnForward = null;

        Assert.Equal("prefix_mismatch", sut.RunOne(Pipeline.Rows(1, [.. Prompt, Expected[0]], [Expected[1]])).Error!.Type);
        Assert.Equal([Expected[1]], sut.RunOne(Pipeline.Rows(1, Prompt, [Expected[0]])).Tokens);
        Assert.Equal(sut.Spec.ScratchTokens, sut.Engines[0].FreeScratchRows);
    }

    [Fact]
    public void Execute_NoiseKeyedByPlaceInTheBatch_BreaksTheLaw()
    {
        Pipeline sut = new();
        sut.Engines[0].NoiseStreamOf = index => (uint)index;
        sut.Start(1, Prompt, Sampling, Blocks);
        StepBatch batch = sut.NewStep();
        batch.Opens.Add(Open(Prompt, 7, slot: 2, blocks: [40, 41, 42, 43]));
        batch.Sequences.Add(Pipeline.Rows(2, [], Prompt));
        batch.Sequences.Add(Pipeline.Rows(1, Prompt, [Expected[0]], Expected[1..8]));

        StepResult result = sut.Run(batch).Result!;

        Assert.Equal([Expected[0]], result.Sequences[0].Tokens);
        Assert.NotEqual(Expected[1..9], result.Sequences[1].Tokens);
    }

    private static Pipeline Started(int shards, int slot)
    {
        Pipeline pipeline = new(shards);
        pipeline.Start(slot, Prompt, Sampling, Blocks);
        return pipeline;
    }

    private static SequenceOpen Open(
        int[] tokens, int prompt, int cached = 0, int[]? blocks = null, SamplingParameters? sampling = null, int slot = 1) => new()
        {
            Slot = slot,
            Tokens = tokens,
            PromptTokens = prompt,
            CachedTokens = cached,
            Blocks = blocks ?? Blocks,
            Sampling = sampling ?? Sampling,
        };

    private static SequenceRows Row(
        int slot = 1, int baseLength = 7, ulong? hash = null, int[]? tokens = null, int known = 1, int[]? parents = null, bool sample = true,
        int truncate = 0, int[]? blocks = null, int[]? keep = null) => new()
        {
            Slot = slot,
            BaseLength = baseLength,
            PrefixHash = hash ?? PrefixHash.Of(Prompt.AsSpan(0, Math.Clamp(baseLength, 0, 7))),
            Tokens = tokens ?? [Expected[0]],
            KnownCount = known,
            Parents = parents ?? [],
            Sample = sample,
            TruncateBlocks = truncate,
            NewBlocks = blocks ?? [],
            KeepPath = keep ?? [],
        };
}
