using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Execution;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>The likeliest tokens after each verified row, from the last shard to the drafters that learn from them.</summary>
public sealed class CandidateTests
{
    private const int Columns = SequenceResult.MostCandidates;

    [Theory]
    [InlineData(DrafterNames.TokenRecycling, 4, true)]
    [InlineData(DrafterNames.Suffix, 4, false)]
    [InlineData(DrafterNames.DraftModel, 4, false)]
    [InlineData(DrafterNames.TokenRecycling, 0, false)]
    [InlineData(DrafterNames.None, 4, false)]
    public async Task Generate_Drafter_AsksForCandidatesWhereItLearnsFromThem(string drafter, int draft, bool asks)
    {
        var pipeline = new FakePipeline();
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, new FakeDrafter());
        await Requests.RunAsync(sut, Requests.Of(4, 20, draft: draft, drafter: drafter));
        SequenceRows[] rows = [.. pipeline.Log.SelectMany(step => step.Sequences)];
        Assert.Equal(asks, rows.Any(row => row.WantsCandidates));
        Assert.Equal(asks, rows.Where(row => row.Sample).Skip(1).All(row => row.WantsCandidates));
    }

    [Fact]
    public async Task Generate_AutoThatDraftsOtherwise_AsksNowAndThen()
    {
        GenerationRequest request = Requests.Of(4, 200, drafter: DrafterNames.Auto);
        List<int> whole = [.. request.PromptTokens, .. Requests.Expected(request)];
        var knows = new ScriptedDrafter("knows", (tokens, draft) =>
        {
            draft.Take(whole.Skip(tokens.Length).Take(1).ToArray(), [], []);
            return 3;
        });
        var pipeline = new FakePipeline();
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, [knows, new TokenRecyclingDrafter(FakePipeline.Vocabulary)]);
        await Requests.RunAsync(sut, request);
        int asked = pipeline.Log.SelectMany(step => step.Sequences).Count(row => row.WantsCandidates);
        Assert.InRange(asked, 2, pipeline.Log.Count / 8);
    }

    [Fact]
    public async Task Generate_Candidates_AreLearnedByTheTokenOfTheirRow()
    {
        GenerationRequest request = Requests.Of(4, 12, draft: 3, drafter: "learner");
        var learner = new Learner();
        FakePipeline pipeline = Answering((token, i) => (token + i) % FakePipeline.Vocabulary);
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, [learner]);
        await Requests.RunAsync(sut, request);
        Assert.Equal(pipeline.Log.SelectMany(step => step.Sequences).Where(row => row.WantsCandidates).Sum(row => row.Tokens.Length - row.KnownCount + 1), learner.Learned.Count);
        Assert.All(learner.Learned, row => Assert.Equal(Enumerable.Range(row.Token, Columns).Select(id => id % FakePipeline.Vocabulary), row.Candidates));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(FakePipeline.Vocabulary, 1)]
    [InlineData(0, 50)]
    public async Task Generate_CandidatesThatCannotBeTrue_AreIgnored(int id, int times)
    {
        GenerationRequest request = Requests.Of(4, 12, draft: 3, drafter: "learner");
        var learner = new Learner();
        await using Coordinator sut = await TestCoordinator.StartAsync(Answering((_, _) => id, times), [learner]);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Empty(learner.Learned);
    }

    [Fact]
    public void Wire_CandidatesAskedForAndGiven_StayAsTheyAre()
    {
        var batch = new StepBatch();
        batch.Sequences.Add(new SequenceRows { Slot = 0, BaseLength = 0, PrefixHash = 0, Tokens = [1], KnownCount = 1, Sample = true, WantsCandidates = true });
        Assert.True(WireEncoder.Step("m/0", batch).Sequences[0].Candidates);
        Assert.Equal([7, 5], WireDecoder.Result(new V1.StepResult { Sequences = { new V1.SequenceResult { Candidates = { 7, 5 } } } }).Sequences[0].Candidates);
    }

    private static FakePipeline Answering(Func<int, int, int> candidate, int times = 1) => new()
    {
        Alter = (batch, result) =>
        {
            var altered = new StepResult { Epoch = result.Epoch, Step = result.Step };
            foreach ((SequenceRows rows, SequenceResult one) in batch.Sequences.Zip(result.Sequences))
            {
                IEnumerable<int> tokens = rows.WantsCandidates && rows.Sample ? rows.Tokens[(rows.KnownCount - 1)..] : [];
                int[] candidates = [.. tokens.SelectMany(token => Enumerable.Range(0, Columns * times).Select(i => candidate(token, i)))];
                altered.Sequences.Add(new SequenceResult { Slot = one.Slot, Tokens = one.Tokens, Accepted = one.Accepted, Path = one.Path, Candidates = candidates });
            }
            return altered;
        },
    };

    private sealed class Learner : ICandidateLearner
    {
        public List<(int Token, int[] Candidates)> Learned { get; } = [];

        public string Name => "learner";

        public ISequenceDrafter Open() => new ScriptedDrafter("learner", (tokens, draft) =>
        {
            draft.TryAppend((tokens[^1] + 1) % FakePipeline.Vocabulary);
            return 0;
        }).Open();

        public void Learn(int token, ReadOnlySpan<int> candidates) => Learned.Add((token, candidates.ToArray()));
    }
}
