using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Calibration;

/// <summary>When a coordinator calibrates, and that serving goes on after it as if nothing had happened.</summary>
public sealed class CalibratedCoordinatorTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Start_PipelineNeverAnswers_IsReadyWhenTheTimeIsOverAndServes()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = Create(new Replica(pipeline));
        Task<PipelineShape> ready = sut.WaitUntilReadyAsync(CancellationToken.None);
        GenerationRequest request = Requests.Of(5, 3);
        Task<List<int>> run = Requests.RunAsync(sut, request);
        await pipeline.NextAsync();

        _time.Advance(TimeSpan.FromSeconds(0.99));
        Assert.False(ready.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.01));
        await ready.WaitAsync(TestLimits.Patience);
        while (!run.IsCompleted)
        {
            await Task.WhenAny(pipeline.ReleaseAsync(), run);
        }

        Assert.Equal(Requests.Expected(request), await run);
        Assert.All(pipeline.Log.Zip(pipeline.Log.Skip(1)), pair => Assert.Equal(pair.First.Step + 1, pair.Second.Step));
    }

    [Fact]
    public async Task Generate_DrafterIsSlow_GivesUpDraftingSoonerWhenCalibrated()
    {
        int calibrated = await DraftRoundsAsync(TimeSpan.FromSeconds(2));

        Assert.InRange(calibrated, 1, 8);
        Assert.True(await DraftRoundsAsync(TimeSpan.Zero) > calibrated);
    }

    [Fact]
    public async Task Start_Calibrated_NoBlockIsInUse()
    {
        var pipeline = new FakePipeline();
        await using Coordinator sut = Create(new Replica(pipeline, new FakeDrafter()));
        await sut.WaitUntilReadyAsync(CancellationToken.None);

        await sut.UntilAsync(status => status.BlockCount > 0);

        Assert.NotEmpty(pipeline.Log);
        Assert.Equal(0, sut.Status.BlocksInUse);
        Assert.Equal(0, pipeline.OpenSlots);
    }

    [Fact]
    public async Task Generate_StepFailedInCalibration_ServesAllTheSame()
    {
        var pipeline = new FakePipeline();
        pipeline.Alter = static (batch, result) => batch.Step == 3
            ? new StepResult { Epoch = result.Epoch, Step = result.Step, Error = new StepError("internal_error", "not today") }
            : result;
        await using Coordinator sut = Create(new Replica(pipeline));
        GenerationRequest request = Requests.Of(6, 20);

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
    }

    [Fact]
    public async Task Generate_PipelineBrokeInCalibration_GoesOnWithTheNextWhichIsNotCalibrated()
    {
        var first = new FakePipeline();
        first.Sent = batch =>
        {
            if (batch.Step == 3)
            {
                first.Break();
            }
        };
        var second = new FakePipeline(epoch: 2);
        await using Coordinator sut = Create(new Replica(first), new Replica(second));
        GenerationRequest request = Requests.Of(6, 20);

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(6, second.Log[0].Opens[0].Tokens.Length);
        Assert.True(first.IsDisposed);
    }

    [Fact]
    public async Task Generate_ReplicaBreaksUnderAStream_TheNextServesAtOnce()
    {
        var first = new FakePipeline();
        var second = new FakePipeline(epoch: 2);
        await using Coordinator sut = Create(new Replica(first), new Replica(second));
        await sut.WaitUntilReadyAsync(CancellationToken.None);
        int calibration = first.Log.Count;
        first.Sent = batch =>
        {
            if (batch.Step == calibration + 5)
            {
                first.Break();
            }
        };
        GenerationRequest request = Requests.Of(6, 40);

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.True(calibration > 5);
        Assert.True(second.Log[0].Opens[0].Tokens.Length > 6, "the first step on the next replica is the stream's");
    }

    [Fact]
    public async Task Start_TakenOverFromAnother_ServesAtOnce()
    {
        var pipeline = new FakePipeline();
        await using Coordinator sut = Create(new Replica(pipeline) { IsTakeover = true });
        await sut.WaitUntilReadyAsync(CancellationToken.None);

        Assert.Empty(pipeline.Log);
    }

    [Fact]
    public async Task DisposeAsync_WhileCalibrating_ClosesTheReplica()
    {
        var pipeline = new FakePipeline { Manual = true };
        Coordinator sut = Create(new Replica(pipeline));
        await pipeline.NextAsync();

        await sut.DisposeAsync().AsTask().WaitAsync(TestLimits.Patience);

        Assert.True(pipeline.IsDisposed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Generate_OnCheckedShards_TokensAreThoseWithoutCalibrationAndNothingStaysOpen(int shards)
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Requests.Of(3 + (2 * i), 16, (ulong)i, i % 3, i))];

        Assert.Equal(await RunOnShardsAsync(shards, TimeSpan.Zero, requests), await RunOnShardsAsync(shards, TimeSpan.FromSeconds(30), requests));
    }

    private static async Task<List<int>[]> RunOnShardsAsync(int shards, TimeSpan calibration, GenerationRequest[] requests)
    {
        ShardEngine[] engines = [.. Enumerable.Range(0, shards).Select(i => new ShardEngine(new FakeShard(FakeShard.Shape(i, shards))))];
        var draft = new DraftEngine(new FakeShard(FakeShard.Shape()));
        var options = new CoordinatorOptions { MaxSequences = 5, PrefillChunkTokens = 5, CalibrationTime = calibration };
        var source = new FixedReplicaSource(new InProcessPipeline(engines), new InProcessDraftClient(draft));
        await using var sut = new Coordinator("test", source, options, TimeProvider.System, NullLogger.Instance);
        sut.Start();
        await sut.WaitUntilReadyAsync(CancellationToken.None);
        await sut.UntilAsync(status => status.BlockCount > 0);
        Assert.Equal(calibration > TimeSpan.Zero, sut.Status.Steps > 0);
        Assert.All(engines, engine => Assert.Equal(0, engine.OpenSlots));
        Assert.Equal(0, draft.SequenceCount);
        return await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
    }

    // A draft token takes a hundred times as long as a step.
    private async Task<int> DraftRoundsAsync(TimeSpan calibration)
    {
        var pipeline = new FakePipeline
        {
            Alter = (_, result) =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                return result;
            },
        };
        var drafter = new FakeDrafter
        {
            Token = (_, _, right) =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return right;
            },
        };
        var options = new CoordinatorOptions { CalibrationTime = calibration };
        await using Coordinator sut = Create(options, new Replica(pipeline, drafter));
        await sut.WaitUntilReadyAsync(CancellationToken.None);
        drafter.Queries.Clear();
        await Requests.RunAsync(sut, Requests.Of(6, 60));
        return drafter.Queries.Count(query => query.DraftTokens > 0);
    }

    private Coordinator Create(params Replica[] replicas) => Create(new CoordinatorOptions(), replicas);

    private Coordinator Create(CoordinatorOptions options, params Replica[] replicas)
    {
        var coordinator = new Coordinator("test", new ListSource(replicas), options, _time, NullLogger.Instance);
        coordinator.Start();
        return coordinator;
    }

    private sealed class ListSource(Replica[] replicas) : IReplicaSource
    {
        private int _next;

        public Task<Replica> AcquireAsync(CancellationToken cancellation) => Task.FromResult(replicas[_next++]);
    }
}
