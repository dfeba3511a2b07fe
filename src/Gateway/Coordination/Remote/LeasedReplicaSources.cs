using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
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

    /// <summary>Made by the container.</summary>
    public LeasedReplicaSources(
        IClusterClient cluster, ClusterChannels channels, IOptions<ReplicaOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        _cluster = cluster;
        _channels = channels;
        _options = options.Value;
        _time = time;
        _loggers = loggers;
    }

    /// <summary>The replica of one model.</summary>
    public LeasedReplicaSource For(string model) => new(model, _cluster.GetGrain<IModelGrain>(model), _channels, _options, _time, _loggers);
}
