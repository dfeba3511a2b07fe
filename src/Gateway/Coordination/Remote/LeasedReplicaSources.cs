using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Hosting;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>The replicas of all models that the cluster's grains know.</summary>
internal sealed class LeasedReplicaSources
{
    private readonly IClusterClient _cluster;
    private readonly ClusterChannels _channels;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ModelLibrary _models;

    /// <summary>Made by the container.</summary>
    public LeasedReplicaSources(
        IClusterClient cluster, ClusterChannels channels, IOptions<ReplicaOptions> options, TimeProvider time, ILoggerFactory loggers, ModelLibrary models)
    {
        _models = models;
        _cluster = cluster;
        _channels = channels;
        _options = options.Value;
        _time = time;
        _loggers = loggers;
    }

    /// <summary>The lease of one replica of a model.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="replica">Number of the replica, 0 first.</param>
    public ReplicaLease LeaseOf(string model, int replica)
    {
        string key = ReplicaKeys.Of(model, replica);
        return new ReplicaLease(key, _cluster.GetGrain<IReplicaGrain>(key), _options, _time, _loggers.CreateLogger<ReplicaLease>());
    }

    /// <summary>The replica of a lease.</summary>
    public LeasedReplicaSource For(ReplicaLease lease) => new(_cluster.GetGrain<IReplicaGrain>(lease.Replica), lease, _channels, _options, _time, _loggers)
    {
        OpenModel = path => _models.Open(path),
    };
}
