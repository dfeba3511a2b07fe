using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class RecoveryTests
{
    [Fact]
    public async Task Generate_PipelineBreaks_StreamsGoOnTokenForTokenOnTheNext()
    {
        var first = new FakePipeline(shards: 2, epoch: 1);
        var second = new FakePipeline(shards: 3, blockCount: 100, epoch: 2);
        first.Sent = batch =>
        {
            if (batch.Step == 6)
            {
                first.Break();
            }
        };
        var source = new ListSource(new Replica(first, new FakeDrafter()), new Replica(second, new FakeDrafter()));
        await using Coordinator sut = await TestCoordinator.StartAsync(source);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => Requests.Of(6 + i, 30, (ulong)i, i, i))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        Assert.All(second.Log, batch => Assert.Equal(2, batch.Epoch));
        Assert.NotEmpty(second.Log);
        Assert.True(first.IsDisposed);
    }

    [Theory]
    [InlineData("cpu-1-c1-kv-f32", "device-7-c1-kv-f16", true)]
    [InlineData("cpu-1-c1-kv-f32", "cpu-1-c2-kv-f32", false)]
    public async Task Generate_PipelineBreaks_GoesOnOnlyWithTheSameModel(string before, string after, bool goesOn)
    {
        var first = new FakePipeline(numerics: before);
        first.Sent = batch =>
        {
            if (batch.Step == 6)
            {
                first.Break();
            }
        };
        var source = new ListSource(new Replica(first), new Replica(new FakePipeline(epoch: 2, numerics: after)));
        await using Coordinator sut = await TestCoordinator.StartAsync(source);

        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(6, 30) with { Content = "c1" });

        Assert.Equal(goesOn ? null : GenerationErrors.ModelChanged, ((GenerationException?)await Record.ExceptionAsync(() => run))?.Type);
    }

    [Fact]
    public async Task Generate_TakenOverBeforeThereIsAReplica_OnlyTheNewerRunGoesOn()
    {
        var source = new StandbySource(new Replica(new FakePipeline()));
        await using var sut = new Coordinator("test", source, new CoordinatorOptions { CalibrationTime = TimeSpan.Zero }, new ManualTime(), NullLogger.Instance);
        sut.Start();
        GenerationRequest request = Requests.Of(6, 10);
        Task<List<int>> older = Requests.RunAsync(sut, request), newer = Requests.RunAsync(sut, request with { TakesOver = true });
        await sut.UntilAsync(status => status.Waiting == 2);

        source.End();

        Assert.Equal(Requests.Expected(request), await newer);
        Assert.Equal(GenerationErrors.TakenOver, (await Assert.ThrowsAsync<GenerationException>(() => older)).Type);
    }

    [Fact]
    public async Task Generate_PipelineBreaks_LeavesACheckpointOfAllTokens()
    {
        var recorder = new SessionRecorder();
        var pipeline = new FakePipeline { Manual = true };
        var source = new ListSource(new Replica(pipeline)) { WaitsAtTheEnd = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(source, checkpoints: recorder);
        Task run = Requests.RunAsync(sut, Requests.Of(6, 30) with { StreamJson = "{}" });
        for (int step = 0; step < 5; step++)
        {
            await pipeline.ReleaseAsync();
        }
        await pipeline.NextAsync();

        pipeline.Break();
        await source.Waiting.Task.WaitAsync(TestLimits.Patience);

        Assert.Equal(sut.Status.Generated, recorder.Appends.Sum(append => append.Tokens.Length));
        Assert.False(run.IsCompleted);
    }

    [Fact]
    public async Task Generate_ClientDoesNotRead_LeavesACheckpointOfAllTokens()
    {
        var recorder = new SessionRecorder();
        var source = new ListSource(new Replica(new FakePipeline()));
        await using Coordinator sut = await TestCoordinator.StartAsync(source, new CoordinatorOptions { OutputBuffer = 3 }, checkpoints: recorder);
        await using IAsyncEnumerator<GeneratedTokens> answer = sut.GenerateAsync(Requests.Of(6, 100) with { StreamJson = "{}" }, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await answer.MoveNextAsync());

        await sut.UntilAsync(status => status.Generated >= 3);

        await sut.UntilAsync(status => recorder.Count == status.Generated);
    }

    [Fact]
    public async Task Generate_ReplicaLost_GoesOnWithTheNext()
    {
        var first = new FakePipeline { Manual = true };
        using var lost = new CancellationTokenSource();
        var second = new FakePipeline(epoch: 2);
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(first, null, lost.Token), new Replica(second)));
        GenerationRequest request = Requests.Of(6, 10);
        Task<List<int>> run = Requests.RunAsync(sut, request);
        await first.ReleaseAsync();
        await first.NextAsync();
        await lost.CancelAsync();
        Assert.Equal(Requests.Expected(request), await run);
        Assert.Equal(7, second.Log[0].Opens[0].Tokens.Length);
        Assert.Equal(6, second.Log[0].Opens[0].PromptTokens);
    }

    [Fact]
    public async Task Generate_AnswerToAnUnknownStep_BreaksThePipeline()
    {
        var first = new FakePipeline { Alter = static (_, result) => new StepResult { Epoch = 1, Step = result.Step + 40 } };
        var second = new FakePipeline(epoch: 2);
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(first), new Replica(second)));
        GenerationRequest request = Requests.Of(6, 10);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Single(first.Log);
    }

    [Fact]
    public async Task Generate_NoReplicaAfterABreak_FailsAsUnavailable()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(6, 10));
        await pipeline.NextAsync();
        pipeline.Break();
        Assert.Equal(GenerationErrors.Unavailable, (await Assert.ThrowsAsync<GenerationException>(() => run)).Type);
        GenerationException later = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(6, 10)));
        Assert.Equal(GenerationErrors.Unavailable, later.Type);
        Assert.Null(sut.Shape);
    }

    [Fact]
    public async Task Generate_ReplicaDoesNotComeBack_FailsAfterTheRecoveryTimeout()
    {
        var time = new ManualTime();
        var pipeline = new FakePipeline { Manual = true };
        var source = new ListSource(new Replica(pipeline)) { WaitsAtTheEnd = true };
        var options = new CoordinatorOptions { RecoveryTimeout = TimeSpan.FromSeconds(5) };
        await using Coordinator sut = await TestCoordinator.StartAsync(source, options, time);
        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(6, 10));
        await pipeline.NextAsync();
        pipeline.Break();
        await source.Waiting.Task.WaitAsync(TestLimits.Patience);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(run.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(GenerationErrors.Unavailable, (await Assert.ThrowsAsync<GenerationException>(() => run)).Type);
    }

    [Fact]
    public async Task Generate_BreaksAgainAndAgain_FailsAfterTheRetries()
    {
        FakePipeline[] pipelines = [.. Enumerable.Range(1, 5).Select(epoch => new FakePipeline(epoch: epoch))];
        foreach (FakePipeline pipeline in pipelines)
        {
            pipeline.Alter = (_, result) =>
            {
                pipeline.Break();
                return result;
            };
        }
        var source = new ListSource([.. pipelines.Select(pipeline => new Replica(pipeline))]);
        await using Coordinator sut = await TestCoordinator.StartAsync(source, new CoordinatorOptions { MaxRetries = 2 });
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(6, 10)));
        Assert.Equal(GenerationErrors.Internal, error.Type);
    }

    [Fact]
    public async Task Generate_Running_IsCheckpointedEverySoManyTokensAndAtTheEnd()
    {
        var recorder = new SessionRecorder();
        var source = new ListSource(new Replica(new FakePipeline()));
        await using Coordinator sut = await TestCoordinator.StartAsync(source, new CoordinatorOptions { CheckpointTokens = 10 }, checkpoints: recorder);
        GenerationRequest request = Requests.Of(6, 35) with { StreamJson = "{}", Index = 3 };
        List<int> tokens = await Requests.RunAsync(sut, request);
        Assert.Equal([10, 10, 10, 5], recorder.Appends.Select(append => append.Tokens.Length));
        Assert.Equal([null, null, null, "length"], recorder.Appends.Select(append => append.FinishReason));
        Assert.Equal(tokens, recorder.Appends.SelectMany(append => append.Tokens));
        SessionHead head = Assert.Single(recorder.Heads);
        Assert.Equal(("test", 3, "{}"), (head.Model, head.Choice, head.StreamJson));
        Assert.Equal(request.PromptTokens, head.PromptTokens);
    }

    [Fact]
    public async Task Generate_Slowly_IsCheckpointedAfterTheInterval()
    {
        var recorder = new SessionRecorder();
        var time = new ManualTime();
        var source = new ListSource(new Replica(new FakePipeline()));
        var options = new CoordinatorOptions { CheckpointTokens = 1000, CheckpointInterval = TimeSpan.FromSeconds(1), OutputBuffer = 1 };
        await using Coordinator sut = await TestCoordinator.StartAsync(source, options, time, recorder);
        await foreach (GeneratedTokens tokens in sut.GenerateAsync(Requests.Of(6, 30) with { StreamJson = "{}" }, CancellationToken.None))
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(recorder.Appends.Count, 5, 30);
    }

    [Fact]
    public async Task Generate_NoStream_IsNotCheckpointed()
    {
        var recorder = new SessionRecorder();
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(new FakePipeline())), checkpoints: recorder);
        await Requests.RunAsync(sut, Requests.Of(6, 5));
        Assert.Empty(recorder.Heads);
    }

    [Fact]
    public async Task Generate_TokensOfAnEarlierRun_AreNotCheckpointedAgain()
    {
        var recorder = new SessionRecorder();
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(new FakePipeline())), checkpoints: recorder);
        GenerationRequest request = Requests.Of(6, 30) with { StreamJson = "{}" };
        List<int> expected = Requests.Expected(request);
        await Requests.RunAsync(sut, request with { Generated = expected[..20] });
        Assert.Equal(expected[20..], recorder.Appends.SelectMany(append => append.Tokens));
        Assert.Equal(expected[..20], Assert.Single(recorder.Before));
    }

    [Fact]
    public async Task Generate_ClientGone_LeavesACheckpointOfAllTokens()
    {
        var recorder = new SessionRecorder();
        Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(new FakePipeline())), checkpoints: recorder);
        int seen = 0;
        await using (sut)
        {
            await foreach (GeneratedTokens step in sut.GenerateAsync(Requests.Of(6, 400) with { StreamJson = "{}" }, CancellationToken.None))
            {
                seen += step.Tokens.Count;
                if (seen > 12)
                {
                    break;
                }
            }
            await sut.DrainAsync(CancellationToken.None);
        }
        int kept = recorder.Appends.Sum(append => append.Tokens.Length);
        Assert.True(kept >= seen, $"'{seen}' tokens were seen, '{kept}' were checkpointed.");
        Assert.Null(recorder.Appends[^1].FinishReason);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    public async Task Generate_TokensOfAnEarlierRun_GoesOnBehindThem(int known)
    {
        var pipeline = new FakePipeline();
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(pipeline)));
        GenerationRequest request = Requests.Of(6, 30);
        List<int> expected = Requests.Expected(request);
        List<int> rest = await Requests.RunAsync(sut, request with { Generated = expected[..known] });
        Assert.Equal(expected[known..], rest);
        Assert.Equal((6, 6 + known), (pipeline.Log[0].Opens[0].PromptTokens, pipeline.Log[0].Opens[0].Tokens.Length));
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(1, -1)]
    [InlineData(1, FakePipeline.Vocabulary)]
    public async Task Generate_ImpossibleTokensOfAnEarlierRun_AreRefused(int count, int token)
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(new FakePipeline())));
        GenerationRequest request = Requests.Of(6, 5) with { Generated = [.. Enumerable.Repeat(token, count)] };
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, request));
        Assert.Equal(GenerationErrors.InvalidRequest, error.Type);
    }

    [Fact]
    public async Task Generate_AnEarlierRunComesAfterALaterOne_TheEarlierGivesWay()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(new FakePipeline())), new CoordinatorOptions { OutputBuffer = 1 });
        GenerationRequest request = Requests.Of(6, 12) with { TakesOver = true };
        await using IAsyncEnumerator<GeneratedTokens> later = sut.GenerateAsync(request with { Run = 2 }, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await later.MoveNextAsync());

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, request with { Run = 1 }));

        Assert.Equal(GenerationErrors.TakenOver, error.Type);
        Assert.True(await later.MoveNextAsync());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task GiveWay_TheChoiceGoesOnElsewhere_EndsItUnlessItIsALaterRun(long run, bool goesOn)
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new ListSource(new Replica(new FakePipeline())), new CoordinatorOptions { OutputBuffer = 1 });
        GenerationRequest request = Requests.Of(6, 40) with { Run = run };
        await using IAsyncEnumerator<GeneratedTokens> here = sut.GenerateAsync(request, CancellationToken.None).GetAsyncEnumerator();
        await using IAsyncEnumerator<GeneratedTokens> other = sut.GenerateAsync(request with { Index = 1 }, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await here.MoveNextAsync() && await other.MoveNextAsync());

        sut.GiveWay(RunName.Of(request with { Run = 1 }));

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request with { RequestId = "another" }));
        Assert.Equal(goesOn ? null : GenerationErrors.TakenOver, ((GenerationException?)await Record.ExceptionAsync(() => ReadAsync(here)))?.Type);
        await ReadAsync(other);
    }

    [Fact]
    public async Task GiveWay_TheRunWaitsForAReplica_EndsIt()
    {
        var source = new StandbySource(new Replica(new FakePipeline()));
        await using var sut = new Coordinator("test", source, new CoordinatorOptions { CalibrationTime = TimeSpan.Zero }, new ManualTime(), NullLogger.Instance);
        sut.Start();
        GenerationRequest request = Requests.Of(6, 10);
        Task<List<int>> older = Requests.RunAsync(sut, request);
        await sut.UntilAsync(status => status.Waiting == 1);

        sut.GiveWay(RunName.Of(request));
        Task<List<int>> newer = Requests.RunAsync(sut, request);

        Assert.Equal(GenerationErrors.TakenOver, (await Assert.ThrowsAsync<GenerationException>(() => older)).Type);
        source.End();
        Assert.Equal(Requests.Expected(request), await newer);
    }

    [Fact]
    public async Task Generate_TakenOver_EndsTheOlderRunAndGivesTheSameTokens()
    {
        var source = new ListSource(new Replica(new FakePipeline()));
        await using Coordinator sut = await TestCoordinator.StartAsync(source, new CoordinatorOptions { OutputBuffer = 1 });
        GenerationRequest request = Requests.Of(6, 12);
        await using IAsyncEnumerator<GeneratedTokens> older = sut.GenerateAsync(request, CancellationToken.None).GetAsyncEnumerator();
        await using IAsyncEnumerator<GeneratedTokens> other = sut.GenerateAsync(request with { Index = 1 }, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await older.MoveNextAsync() && await other.MoveNextAsync());

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request with { TakesOver = true }));

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => ReadAsync(older));
        Assert.Equal(GenerationErrors.TakenOver, error.Type);
        Assert.True(await other.MoveNextAsync());
    }

    private static async Task ReadAsync(IAsyncEnumerator<GeneratedTokens> steps)
    {
        while (await steps.MoveNextAsync())
        {
        }
    }

    [Fact]
    public async Task Generate_AnotherCoordinatorRunsTheReplica_FailsAfterTheRecoveryTimeoutAndIsServedOnceThatEnds()
    {
        var time = new ManualTime();
        var source = new StandbySource(new Replica(new FakePipeline()));
        await using var sut = new Coordinator(
            "test", source, new CoordinatorOptions { RecoveryTimeout = TimeSpan.FromSeconds(5), CalibrationTime = TimeSpan.Zero }, time, NullLogger.Instance);
        sut.Start();
        GenerationRequest request = Requests.Of(6, 10);
        time.Advance(TimeSpan.FromSeconds(5));
        Task<List<int>> early = Requests.RunAsync(sut, request);
        await sut.UntilAsync(status => status.Waiting == 1);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(early.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(GenerationErrors.Unavailable, (await Assert.ThrowsAsync<GenerationException>(() => early)).Type);
        await sut.UntilAsync(status => status.Waiting == 0);

        Task<List<int>> late = Requests.RunAsync(sut, request);
        source.End();

        Assert.Equal(Requests.Expected(request), await late);
    }

    private sealed class StandbySource(Replica replica) : IReplicaSource
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public event Action? StandbyChanged;

        public bool IsStandby => !_end.Task.IsCompleted;

        public void End()
        {
            _end.SetResult();
            StandbyChanged?.Invoke();
        }

        public async Task<Replica> AcquireAsync(CancellationToken cancellation)
        {
            await _end.Task.WaitAsync(cancellation);
            return replica;
        }
    }

    private sealed class ListSource(params Replica[] replicas) : IReplicaSource
    {
        private int _next;

        public bool WaitsAtTheEnd { get; init; }

        public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<Replica> AcquireAsync(CancellationToken cancellation)
        {
            if (_next == replicas.Length && WaitsAtTheEnd)
            {
                Waiting.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            }
            return replicas[_next++];
        }
    }
}
