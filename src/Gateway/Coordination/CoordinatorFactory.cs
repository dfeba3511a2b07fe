using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Hosting;

namespace Winnow.Gateway.Coordination;

/// <summary>Makes coordinators of models that the cluster serves.</summary>
public sealed class CoordinatorFactory
{
    private readonly LeasedReplicaSources _replicas;
    private readonly SharedReplicas _shared;
    private readonly ClusterChannels _channels;
    private readonly ISessionCheckpoints _checkpoints;
    private readonly CoordinatorOptions _options;
    private readonly ProcessHealth _health;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;

    /// <summary>Made by the container.</summary>
    internal CoordinatorFactory(
        LeasedReplicaSources replicas,
        SharedReplicas shared,
        ClusterChannels channels,
        ISessionCheckpoints checkpoints,
        IOptions<CoordinatorOptions> options,
        ProcessHealth health,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _replicas = replicas;
        _shared = shared;
        _channels = channels;
        _checkpoints = checkpoints;
        _options = options.Value;
        _health = health;
        _time = time;
        _loggers = loggers;
    }

    /// <summary>Makes and starts the coordinator of a replica, behind what gateways share of it.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="replica">Number of the replica, 0 first.</param>
    /// <returns>The replica, to be disposed by the caller.</returns>
    internal SharedReplica Create(string model, int replica = 0)
    {
        ReplicaLease lease = _replicas.LeaseOf(model, replica);
        ILogger<Coordinator> logger = _loggers.CreateLogger<Coordinator>();
        var coordinator = new Coordinator(model, _replicas.For(lease), _options, _time, logger, _checkpoints, _health.ReportFatal, replica);
        coordinator.Start();
        var shared = new SharedReplica(model, coordinator, lease, _channels, _options.RecoveryTimeout, _time, _loggers.CreateLogger<SharedReplica>()) { Disposed = _shared.Remove };
        _shared.Add(shared);
        return shared;
    }
}
