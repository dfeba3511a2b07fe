using Winnow.Hosting;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Storage;

/// <summary>The database that <c>helm/sql/postgresql.sql</c> prepares, and one that it has not.</summary>
public sealed class PostgresStateTests(StorageFixture storages) : IClassFixture<StorageFixture>
{
    [PostgresFact]
    public async Task Start_DatabaseWithoutTables_SaysWhatToRun()
    {
        PostgresServer server = await storages.ServerAsync();
        using TemporaryFolder folder = new();

        StartupException exception = await Assert.ThrowsAsync<StartupException>(
            () => TestSilo.StartAsync(folder.Root, null, "--Silo:Storage=postgresql", $"--Silo:ConnectionString={server.EmptyConnection}"));

        Assert.Contains("has no tables of Winnow; run helm/sql/postgresql.sql in it.", exception.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Script_RunAgain_KeepsWhatIsStored()
    {
        PostgresServer server = await storages.ServerAsync();
        using TemporaryFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder.Root, null, "--Silo:Storage=postgresql", $"--Silo:ConnectionString={server.Connection}");
        Contracts.Grains.IReplicaGrain replica = silo.Grains.GetGrain<Contracts.Grains.IReplicaGrain>("m/0");
        long before = (await replica.AcquireLease("g1", "http://g1")).Epoch;

        await server.RunScriptAsync();

        await using TestSilo other = await TestSilo.StartAsync(folder.File("other"), null, "--Silo:Storage=postgresql", $"--Silo:ConnectionString={server.Connection}");
        Assert.Equal((before, "g1"), await LeaseAsync(other));
        static async Task<(long, string)> LeaseAsync(TestSilo silo)
        {
            Contracts.Grains.CoordinatorLease lease = await silo.Grains.GetGrain<Contracts.Grains.IReplicaGrain>("m/0").GetLease();
            return (lease.Epoch, lease.Holder);
        }
    }
}
