using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Calibration;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination.Calibration;

/// <summary>What is timed before a replica serves, and that serving goes on after it as if nothing had happened.</summary>
public sealed class CalibrationTests
{
    private readonly ManualTime _time = new();
    private readonly FakePipeline _pipeline = new();

    public CalibrationTests()
    {
        _pipeline.Alter = (batch, result) =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1 + (0.25 * RowsOf(batch))));
            return result;
        };
    }

    [Fact]
    public async Task AcquireAsync_FastReplica_TimesStepsOfEverySize()
    {
        Replica replica = await Source(new CoordinatorOptions()).AcquireAsync(CancellationToken.None);

        Assert.Equal([1, 2, 4, 8, 16, 32, 64], replica.Costs!.Steps.Keys);
        Assert.All(replica.Costs.Steps, step => Assert.Equal(0.001 + (0.00025 * step.Key), step.Value, 5));
    }

    [Fact]
    public async Task AcquireAsync_SlowReplica_StopsWhenTheTimeIsOver()
    {
        Replica replica = await Source(new CoordinatorOptions { CalibrationTime = TimeSpan.FromMilliseconds(5) }).AcquireAsync(CancellationToken.None);

        Assert.Equal([1, 2], replica.Costs!.Steps.Keys);
        Assert.Equal(4, replica.Costs.LastStep);
    }

    [Fact]
    public async Task AcquireAsync_WithADrafter_TimesRounds()
    {
        var drafter = new FakeDrafter
        {
            Token = (_, _, right) =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(0.1));
                return right;
            },
        };
        Replica replica = await Source(new CoordinatorOptions(), drafter).AcquireAsync(CancellationToken.None);

        Assert.Equal(0.0001, replica.Costs!.Rounds[(1, 1)], 5);
        Assert.Equal(0.0016, replica.Costs.Rounds[(4, 4)], 5);
    }

    [Fact]
    public async Task AcquireAsync_NoTimeForIt_SendsNothing()
    {
        Replica replica = await Source(new CoordinatorOptions { CalibrationTime = TimeSpan.Zero }).AcquireAsync(CancellationToken.None);

        Assert.Null(replica.Costs);
        Assert.Empty(_pipeline.Log);
    }

    [Fact]
    public async Task AcquireAsync_ReplicaBreaksMeanwhile_IsGivenOnAsItIs()
    {
        _pipeline.Break();
        Replica replica = await Source(new CoordinatorOptions()).AcquireAsync(CancellationToken.None);

        Assert.Null(replica.Costs);
    }

    [Fact]
    public async Task Generate_AfterCalibration_GoesOnFromItsStepsAndSlots()
    {
        GenerationRequest request = Requests.Of(9, 40);
        await using Coordinator sut = await TestCoordinator.StartAsync(Source(new CoordinatorOptions(), new FakeDrafter()), time: _time);

        List<int> tokens = await Requests.RunAsync(sut, request);

        Assert.Equal(Requests.Expected(request), tokens);
        Assert.Equal(Enumerable.Range(1, _pipeline.Log.Count), _pipeline.Log.Select(batch => (int)batch.Step));
        StepBatch first = _pipeline.Log.First(batch => batch.Opens.Exists(open => open.Tokens.Length == 9));
        Assert.NotEmpty(first.Closes);
    }

    private CalibratedReplicaSource Source(CoordinatorOptions options, FakeDrafter? drafter = null) =>
        new(new FixedReplicaSource(_pipeline, drafter), options, _time, NullLogger.Instance);

    private static int RowsOf(StepBatch batch) => batch.Sequences.Sum(rows => rows.Tokens.Length);
}
