using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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

    private static ServiceProvider Services(IModelCatalogGrain catalog, IReplicaGrain grain)
    {
        var services = new ServiceCollection();
        var cluster = (ClusterProxy)(object)DispatchProxy.Create<IClusterClient, ClusterProxy>();
        (cluster.Catalog, cluster.Model) = (catalog, grain);
        services.AddLogging().AddSingleton((IClusterClient)(object)cluster).AddSingleton<ProcessHealth>().AddSingleton<ClusterModelRegistry>();
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

        public Task<IReadOnlyList<ModelStatus>> List() => Task.FromResult<IReadOnlyList<ModelStatus>>(
            [new ModelStatus { Name = "test", Phase = ModelPhase.Ready, Detail = "", Placement = Placement }]);

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
