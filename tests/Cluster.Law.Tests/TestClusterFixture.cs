using Winnow.Cluster.Law.Tests.Support;

namespace Winnow.Cluster.Law.Tests;

/// <summary>Three target workers that serve the pair in one, two and three shards, and a draft worker.</summary>
/// <param name="isHostile">The draft worker is hostile.</param>
/// <param name="draftDeadlineMs">How long a step waits for its drafts.</param>
public abstract class TestClusterFixture(bool isHostile, int draftDeadlineMs) : IAsyncLifetime
{
    private TestCluster? _cluster;

    /// <summary>The draft worker is hostile.</summary>
    public bool IsHostile => isHostile;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been started.");

    /// <inheritdoc />
    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(new TestClusterOptions
    {
        Shards = [1, 2, 3],
        Targets = 3,
        IsHostile = isHostile,
        // Nobody is lost here: a worker that a busy machine holds up must not be taken for dead.
        Silo = ["--Silo:SuspectAfterMs", "60000", "--Silo:DeadAfterMs", "120000"],
        Gateway = ["--Coordinator:DraftDeadline", TimeSpan.FromMilliseconds(draftDeadlineMs).ToString(), "--Coordinator:DraftAhead", isHostile ? "on" : "auto"],
    });

    /// <inheritdoc />
    public Task DisposeAsync() => _cluster?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}

/// <summary>With the shipped draft model; a step waits for its drafts however busy the machine is.</summary>
public sealed class RealDrafterFixture() : TestClusterFixture(isHostile: false, draftDeadlineMs: 30000);

/// <summary>With a hostile draft worker; who is late is not waited for.</summary>
public sealed class HostileDrafterFixture() : TestClusterFixture(isHostile: true, draftDeadlineMs: 20);
