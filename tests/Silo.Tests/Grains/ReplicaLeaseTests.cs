using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;
using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Grains;

/// <summary>How the right to coordinate a replica goes from one gateway to another: handed over, or taken from one that is lost, in a new epoch each time.</summary>
public sealed class ReplicaLeaseTests : IDisposable
{
    private const string NobodyListens = "http://127.0.0.1:1";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task WaitForPlacement_ActivationIsToEnd_EndsSoThatTheNextComesUp()
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = Replica(silo);
        await sut.AcquireLease("g1", "http://g1");
        Task waiting = sut.WaitForPlacement(-1);
        await WriteAsAnotherSiloAsync(silo, sut, state => state.Epoch = 70);

        await Assert.ThrowsAsync<InconsistentStateException>(() => sut.ReleaseLease("g1"));
        Task<CoordinatorLease> next = sut.GetLease();

        // Calls reach the next activation when the waits of the last one are over, which last some seconds at most.
        Assert.Equal(70, (await next.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System)).Epoch);
        await waiting;
    }

    [Fact]
    public async Task HandOver_WithAGatewayThatWaits_GivesItTheLeaseInANewEpoch()
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = Replica(silo);
        CoordinatorLease before = await sut.AcquireLease("g1", "http://g1");
        await sut.AcquireLease("g2", "http://g2");

        CoordinatorLease handed = await sut.HandOver("g1");
        CoordinatorLease old = await sut.AcquireLease("g1", "http://g1");
        CoordinatorLease taken = await sut.AcquireLease("g2", "http://g2");

        Assert.Equal(("g2", "http://g2", before.Epoch + 1), (handed.Holder, handed.HolderAddress, handed.Epoch));
        Assert.Equal((false, true, handed.Epoch), (old.Granted, taken.Granted, taken.Epoch));
    }

    [Theory]
    [InlineData("g1", false)]
    [InlineData("g1", true)]
    [InlineData("g3", true)]
    public async Task HandOver_NobodyThatTakesRequestsWaitsOrByAnother_ChangesNothing(string by, bool waits)
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = Replica(silo);
        CoordinatorLease before = await sut.AcquireLease("g1", "http://g1");
        // Without an address it cannot be forwarded to, so that nothing is gained by giving it the lease.
        await (waits ? sut.AcquireLease("g2", by == "g3" ? "http://g2" : "") : Task.CompletedTask);

        CoordinatorLease handed = await sut.HandOver(by);

        Assert.Equal(("g1", before.Epoch), (handed.Holder, handed.Epoch));
    }

    [Fact]
    public async Task HandOver_ByTheOneThatWaits_IsNotGivenTheLeaseUntilItAsksAgain()
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = Replica(silo);
        await sut.AcquireLease("g1", "http://g1");
        await sut.AcquireLease("g2", "http://g2");

        await sut.HandOver("g2");
        CoordinatorLease kept = await sut.HandOver("g1");
        await sut.AcquireLease("g2", "http://g2");
        CoordinatorLease handed = await sut.HandOver("g1");

        Assert.Equal(("g1", "g2"), (kept.Holder, handed.Holder));
    }

    [Fact]
    public async Task HandOver_AfterTheSiloRestarted_IsRemembered()
    {
        long epoch;
        await using (TestSilo old = await StartSiloAsync())
        {
            await Replica(old).AcquireLease("g1", "http://g1");
            await Replica(old).AcquireLease("g2", "http://g2");
            epoch = (await Replica(old).HandOver("g1")).Epoch;
        }
        await using TestSilo silo = await StartSiloAsync();

        CoordinatorLease lease = await Replica(silo).GetLease();

        Assert.Equal(("g2", "http://g2", epoch), (lease.Holder, lease.HolderAddress, lease.Epoch));
    }

    [Fact]
    public async Task WaitForPlacement_TheSiloEnds_DoesNotKeepItWaiting()
    {
        await using TestSilo silo = await StartSiloAsync();
        Task waiting = Replica(silo).WaitForPlacement(-1);

        silo.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(8)));
    }

    [Fact]
    public async Task HolderLost_NobodyListensAtItsAddress_FreesTheLeaseAtOnce()
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = Replica(silo);
        CoordinatorLease before = await sut.AcquireLease("g1", NobodyListens);

        await sut.HolderLost("g1", before.Epoch);
        CoordinatorLease next = await sut.AcquireLease("g2", "http://g2");

        Assert.Equal((true, before.Epoch + 1), (next.Granted, next.Epoch));
    }

    [Fact]
    public async Task HolderLost_SomebodyListensThere_TakesNothingFromIt()
    {
        await using TestSilo silo = await StartSiloAsync();
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        gateway.Start();
        IReplicaGrain sut = Replica(silo);
        CoordinatorLease before = await sut.AcquireLease("g1", $"http://{gateway.LocalEndpoint}");

        await sut.HolderLost("g1", before.Epoch);

        Assert.False((await sut.AcquireLease("g2", "http://g2")).Granted);
    }

    [Theory]
    [InlineData("g3", 0)]
    [InlineData("g1", -1)]
    public async Task HolderLost_OfAnotherHolderOrEpoch_TakesNothing(string lost, int ahead)
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = Replica(silo);
        CoordinatorLease before = await sut.AcquireLease("g1", NobodyListens);

        await sut.HolderLost(lost, before.Epoch + ahead);

        Assert.False((await sut.AcquireLease("g2", "http://g2")).Granted);
    }

    public void Dispose() => _folder.Dispose();

    private static IReplicaGrain Replica(TestSilo silo) => silo.Grains.GetGrain<IReplicaGrain>("m/0");

    /// <summary>The activation's next write finds a newer version, which ends it.</summary>
    private static async Task WriteAsAnotherSiloAsync(TestSilo silo, IReplicaGrain grain, Action<ReplicaState> change)
    {
        IGrainStorage storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);
        GrainState<ReplicaState> state = new();
        await storage.ReadStateAsync("replica", grain.GetGrainId(), state);
        change(state.State);
        await storage.WriteStateAsync("replica", grain.GetGrainId(), state);
    }

    private Task<TestSilo> StartSiloAsync() => TestSilo.StartAsync(_folder.Root);
}
