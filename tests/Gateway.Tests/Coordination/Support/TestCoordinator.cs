using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>Starts coordinators for tests.</summary>
internal static class TestCoordinator
{
    public static Task<Coordinator> StartAsync(FakePipeline pipeline, FakeDrafter? drafter = null, CoordinatorOptions? options = null, TimeProvider? time = null) =>
        StartAsync(new FixedReplicaSource(pipeline, drafter), options, time);

    public static Task<Coordinator> StartAsync(FakePipeline pipeline, IReadOnlyList<ITokenDrafter> drafters) =>
        StartAsync(new Coordinator("test", new FixedReplicaSource(pipeline), Uncalibrated(new CoordinatorOptions()), new ManualTime(), NullLogger.Instance) { Drafters = _ => drafters });

    public static Task<Coordinator> StartAsync(
        IReplicaSource source, CoordinatorOptions? options = null, TimeProvider? time = null, ISessionCheckpoints? checkpoints = null) =>
        StartAsync(new Coordinator("test", source, Uncalibrated(options ?? new CoordinatorOptions()), time ?? new ManualTime(), NullLogger.Instance, checkpoints));

    // Tests count steps: none are sent but for requests.
    private static CoordinatorOptions Uncalibrated(CoordinatorOptions options)
    {
        options.CalibrationTime = TimeSpan.Zero;
        return options;
    }

    private static async Task<Coordinator> StartAsync(Coordinator coordinator)
    {
        coordinator.Start();
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        await coordinator.WaitUntilReadyAsync(limit.Token);
        return coordinator;
    }

    /// <summary>Waits until a condition on the status holds.</summary>
    public static async Task UntilAsync(this Coordinator coordinator, Func<CoordinatorStatus, bool> condition)
    {
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (!condition(coordinator.Status))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
