using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Tests.Coordination.Remote;
using Winnow.Hosting;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Serving;

/// <summary>What the gateway serves follows the catalogue.</summary>
public sealed class ClusterModelRegistryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Ready_ModelDefinedAnewWithAnotherContext_FollowsIt()
    {
        await using FakeWorker worker = await FakeWorker.StartAsync();
        var catalog = new FakeCatalog { Placement = Placement(worker.Address, contextTokens: 512) };
        await using ServiceProvider services = Services(catalog, new FakeReplicaGrain(catalog.Placement, TimeProvider.System));
        ClusterModelRegistry sut = services.GetRequiredService<ClusterModelRegistry>();
        using var limit = new CancellationTokenSource(Patience);
        await sut.StartAsync(limit.Token);
        ServedModel before = await ServedAsync(sut, 512, limit.Token);

        catalog.Placement = Placement(worker.Address, contextTokens: 256);

        ServedModel after = await ServedAsync(sut, 256, limit.Token);
        Assert.Same(before.Generator, after.Generator);
        await sut.StopAsync(limit.Token);
    }

    [Fact]
    public async Task Ready_SiloIsAwayWhileAModelIsServed_StaysReadyAndSaysSoOnce()
    {
        await using FakeWorker worker = await FakeWorker.StartAsync();
        var catalog = new FakeCatalog { Placement = Placement(worker.Address, contextTokens: 512) };
        var logs = new RecordingLoggers();
        await using ServiceProvider services = Services(catalog, new FakeReplicaGrain(catalog.Placement, TimeProvider.System), logs);
        ClusterModelRegistry sut = services.GetRequiredService<ClusterModelRegistry>();
        ProcessHealth health = services.GetRequiredService<ProcessHealth>();
        using var limit = new CancellationTokenSource(Patience);
        await sut.StartAsync(limit.Token);
        await UntilAsync(() => health.IsReady && sut.Ready.Count > 0 && sut.Pending.Count == 0, limit.Token);

        catalog.Failure = "away";
        int seen = catalog.Readings;
        await UntilAsync(() => catalog.Readings > seen + 2, limit.Token);
        catalog.Failure = "away in another way";
        seen = catalog.Readings;
        await UntilAsync(() => catalog.Readings > seen + 2, limit.Token);
        bool isReady = health.IsReady;
        catalog.Failure = null;
        await UntilAsync(() => logs.Entries.Any(entry => entry.Id == 2026), limit.Token);

        Assert.True(isReady);
        Assert.Equal([2020, 2026], logs.Entries.Select(entry => entry.Id).Where(id => id is 2020 or 2026));
        await sut.StopAsync(limit.Token);
    }

    [Fact]
    public async Task Ready_ModelFileCannotBeRead_IsSaidOnceAndNotTriedWithEveryReading()
    {
        ReplicaPlacement placement = Placement("http://127.0.0.1:1", contextTokens: 512);
        var catalog = new FakeCatalog { Placement = placement with { Model = placement.Model with { ModelPath = "missing.gguf" } } };
        var logs = new RecordingLoggers();
        await using ServiceProvider services = Services(catalog, new FakeReplicaGrain(catalog.Placement, TimeProvider.System), logs);
        ClusterModelRegistry sut = services.GetRequiredService<ClusterModelRegistry>();
        using var limit = new CancellationTokenSource(Patience);
        await sut.StartAsync(limit.Token);

        await UntilAsync(() => catalog.Readings > 5, limit.Token);

        Assert.Single(logs.Entries, entry => entry.Id == 2022);
        Assert.Contains("missing.gguf", sut.Pending["test"], StringComparison.Ordinal);
        await sut.StopAsync(limit.Token);
    }

    private static async Task UntilAsync(Func<bool> isThere, CancellationToken limit)
    {
        while (!isThere())
        {
            limit.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<ServedModel> ServedAsync(ClusterModelRegistry registry, int contextTokens, CancellationToken limit)
    {
        while (true)
        {
            limit.ThrowIfCancellationRequested();
            if (registry.Ready.SingleOrDefault(model => model.ContextTokens == contextTokens) is { } model)
            {
                return model;
            }
            await Task.Yield();
        }
    }

    private static ServiceProvider Services(IModelCatalogGrain catalog, IReplicaGrain grain, ILoggerProvider? logs = null)
    {
        var services = new ServiceCollection();
        var cluster = (ClusterProxy)(object)DispatchProxy.Create<IClusterClient, ClusterProxy>();
        (cluster.Catalog, cluster.Model) = (catalog, grain);
        services.AddLogging(logging => logging.AddProvider(logs ?? NullLoggerProvider.Instance)).AddSingleton((IClusterClient)(object)cluster).AddSingleton<ProcessHealth>().AddSingleton<ClusterModelRegistry>();
        services.AddOptions<GatewayOptions>().Configure(options => options.CatalogPollMs = 50);
        services.AddCoordination(new ConfigurationBuilder().Build());
        return services.BuildServiceProvider();
    }

    private static ReplicaPlacement Placement(string address, int contextTokens) => new()
    {
        Replica = FakeWorker.Replica,
        Epoch = 1,
        Model = new ModelDefinition
        {
            Name = "test",
            ModelPath = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf"),
            KvBlockTokens = 4,
        },
        Shards = [Shard(0, address), Shard(1, address)],
        KvBlocks = 64,
        ContextTokens = contextTokens,
    };

    private static ShardPlacement Shard(int index, string address) => new()
    {
        Index = index,
        FirstLayer = index,
        LastLayer = index + 1,
        WorkerId = "fake",
        Address = address,
    };

    private sealed class FakeCatalog : IModelCatalogGrain
    {
        public required ReplicaPlacement Placement { get; set; }

        public Task Add(ModelDefinition definition) => Task.CompletedTask;

        /// <summary>Why it does not answer, or <see langword="null"/>.</summary>
        public string? Failure { get; set; }

        public int Readings { get; private set; }

        public Task<IReadOnlyList<ModelStatus>> List()
        {
            Readings++;
            return Failure is null
                ? Task.FromResult<IReadOnlyList<ModelStatus>>([new ModelStatus { Name = "test", Phase = ModelPhase.Ready, Detail = "", Placement = Placement }])
                : Task.FromException<IReadOnlyList<ModelStatus>>(new TimeoutException(Failure));
        }

        public Task WorkersChanged() => Task.CompletedTask;

        public Task<bool> Remove(string name, bool finish) => Task.FromResult(false);
    }

    /// <summary>A cluster client of both builds, whose interfaces differ in size.</summary>
    internal class ClusterProxy : DispatchProxy
    {
        public IModelCatalogGrain? Catalog { get; set; }

        public IReplicaGrain? Model { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.ReturnType == typeof(IModelCatalogGrain) ? Catalog
            : targetMethod?.ReturnType == typeof(IReplicaGrain) ? Model
            : throw new NotSupportedException($"'{targetMethod?.Name}' is not faked.");
    }
}
