using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Hosting;

namespace Winnow.Gateway.Coordination;

/// <summary>Makes coordinators of models that the cluster serves.</summary>
public sealed class CoordinatorFactory
{
    private readonly IClusterClient _cluster;
    private readonly ClusterChannels _channels;
    private readonly ISessionCheckpoints _checkpoints;
    private readonly CoordinatorOptions _coordinatorOptions;
    private readonly ReplicaOptions _replicaOptions;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;

    /// <summary>Made by the container.</summary>
    public CoordinatorFactory(
        IClusterClient cluster,
        ClusterChannels channels,
        ISessionCheckpoints checkpoints,
        IOptions<CoordinatorOptions> coordinatorOptions,
        IOptions<ReplicaOptions> replicaOptions,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _cluster = cluster;
        _channels = channels;
        _checkpoints = checkpoints;
        _coordinatorOptions = coordinatorOptions.Value;
        _replicaOptions = replicaOptions.Value;
        _time = time;
        _loggers = loggers;
    }

    /// <summary>Makes and starts the coordinator of a model; it becomes ready when it has got the model's replica.</summary>
    /// <param name="model">Model name.</param>
    /// <returns>The coordinator, to be disposed by the caller.</returns>
    public Coordinator Create(string model)
    {
        var source = new LeasedReplicaSource(model, _cluster.GetGrain<IModelGrain>(model), _channels, _replicaOptions, _time, _loggers);
        var coordinator = new Coordinator(model, source, _coordinatorOptions, _time, _loggers.CreateLogger<Coordinator>(), _checkpoints);
        coordinator.Start();
        return coordinator;
    }
}
