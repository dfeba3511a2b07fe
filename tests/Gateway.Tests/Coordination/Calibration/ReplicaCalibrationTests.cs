using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Calibration;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination.Calibration;

/// <summary>What is timed on a replica before it serves, for how long, and that nothing of it stays behind.</summary>
public sealed class ReplicaCalibrationTests
{
    private readonly ManualTime _time = new();
    private readonly FakePipeline _pipeline;
    private readonly FakeDrafter _drafter;

    public ReplicaCalibrationTests()
    {
        _pipeline = new FakePipeline
        {
            Alter = (batch, result) =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1 + (0.25 * RowsOf(batch))));
                return result;
            },
        };
        _drafter = new FakeDrafter
        {
            Token = (_, _, right) =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(0.1));
                return right;
            },
        };
    }

    [Fact]
    public async Task RunAsync_FastReplica_TimesStepsAndDraftsOfEverySize()
    {
        ReplicaCosts costs = await RunAsync(new CoordinatorOptions { MaxSequences = 16 });

        Assert.Null(costs.Fault);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256], costs.Steps.Sizes);
        Assert.All(costs.Steps.Sizes, rows => Assert.Equal(0.001 + (0.00025 * rows), costs.Steps.Of(rows), 6));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64], costs.Drafts.Sizes);
        Assert.All(costs.Drafts.Sizes, tokens => Assert.Equal(0.0001 * tokens, costs.Drafts.Of(tokens), 6));
        Assert.InRange(_time.GetTimestamp(), TimeSpan.FromSeconds(0.9).Ticks, TimeSpan.FromSeconds(1.01).Ticks);
    }

    [Fact]
    public async Task RunAsync_SlowReplica_LeavesOutWhatWouldTakeTooLong()
    {
        ReplicaCosts costs = await RunAsync(new CoordinatorOptions { CalibrationTime = TimeSpan.FromMilliseconds(40) });

        Assert.Equal([1, 2, 4, 8], costs.Steps.Sizes);
    }

    [Fact]
    public async Task RunAsync_Ended_NothingIsLeftOpen()
    {
        ReplicaCosts costs = await RunAsync(new CoordinatorOptions());

        Assert.Equal(0, _pipeline.OpenSlots);
        Assert.Equal(0, _drafter.Held);
        Assert.NotEmpty(_drafter.Closed);
        Assert.Equal(_pipeline.Log.Count, costs.LastStep);
        Assert.Equal(Enumerable.Range(1, _pipeline.Log.Count), _pipeline.Log.Select(batch => (int)batch.Step));
    }

    [Fact]
    public async Task RunAsync_DrafterLearns_IsNeverToldWhatBecameOfItsDrafts()
    {
        await RunAsync(new CoordinatorOptions());

        Assert.NotEmpty(_drafter.Queries);
        Assert.All(_drafter.Queries, query => Assert.Equal(0, query.KnownLength));
        Assert.Equal(_drafter.Queries.Count, _drafter.Queries.Select(query => query.Sequence).Distinct().Count());
    }

    [Fact]
    public async Task RunAsync_StepFails_IsToldAndTheSlotsAreClosed()
    {
        _pipeline.Alter = static (batch, result) => RowsOf(batch) == 4 ? Failed(result) : result;
        ReplicaCosts costs = await RunAsync(new CoordinatorOptions());

        Assert.Contains("the device is on fire", costs.Fault!.Message);
        Assert.Equal(0, _pipeline.OpenSlots);
        Assert.Empty(_drafter.Queries);
    }

    [Fact]
    public async Task RunAsync_DrafterFails_StepsCountAllTheSame()
    {
        _drafter.Alter = static (_, _) => throw new IOException("no drafts today");
        ReplicaCosts costs = await RunAsync(new CoordinatorOptions());

        Assert.Equal("no drafts today", costs.Fault!.Message);
        Assert.NotEmpty(costs.Steps.Sizes);
        Assert.Empty(costs.Drafts.Sizes);
    }

    [Fact]
    public async Task RunAsync_ReplicaLost_EndsAtOnce()
    {
        var pipeline = new FakePipeline { Manual = true };
        using var lost = new CancellationTokenSource();
        Task<ReplicaCosts> run = Sut(new CoordinatorOptions()).RunAsync(new Replica(pipeline, null, lost.Token), CancellationToken.None);
        await pipeline.NextAsync();
        Assert.False(run.IsCompleted);

        await lost.CancelAsync();

        ReplicaCosts costs = await run.WaitAsync(TestLimits.Patience);
        Assert.Null(costs.Fault);
        Assert.Empty(costs.Steps.Sizes);
    }

    [Theory]
    [InlineData(0, 8, false)]
    [InlineData(1, 0, false)]
    [InlineData(1, 8, true)]
    public void IsOn_WithoutTimeOrDrafts_IsFalse(double seconds, int draftTokens, bool expected)
    {
        var options = new CoordinatorOptions { CalibrationTime = TimeSpan.FromSeconds(seconds), MaxDraftTokens = draftTokens };
        Assert.Equal(expected, Sut(options).IsOn);
    }

    private Task<ReplicaCosts> RunAsync(CoordinatorOptions options) => Sut(options).RunAsync(new Replica(_pipeline, _drafter), CancellationToken.None);

    private ReplicaCalibration Sut(CoordinatorOptions options) => new("test", options, _time, NullLogger.Instance);

    private static int RowsOf(StepBatch batch) => batch.Sequences.Sum(rows => rows.Tokens.Length);

    private static StepResult Failed(StepResult result) => new() { Epoch = result.Epoch, Step = result.Step, Error = new StepError("internal_error", "the device is on fire") };
}
