using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Hosting;

namespace Winnow.Gateway.Coordination;

/// <summary>Makes coordinators of models that the cluster serves.</summary>
public sealed class CoordinatorFactory
{
    private readonly LeasedReplicaSources _replicas;
    private readonly ISessionCheckpoints _checkpoints;
    private readonly CoordinatorOptions _options;
    private readonly ProcessHealth _health;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;

    /// <summary>Made by the container.</summary>
    internal CoordinatorFactory(
        LeasedReplicaSources replicas,
        ISessionCheckpoints checkpoints,
        IOptions<CoordinatorOptions> options,
        ProcessHealth health,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _replicas = replicas;
        _checkpoints = checkpoints;
        _options = options.Value;
        _health = health;
        _time = time;
        _loggers = loggers;
    }

    /// <summary>Makes and starts the coordinator of a model; it becomes ready when it has got the model's replica.</summary>
    /// <param name="model">Model name.</param>
    /// <returns>The coordinator, to be disposed by the caller.</returns>
    public Coordinator Create(string model)
    {
        ILogger<Coordinator> logger = _loggers.CreateLogger<Coordinator>();
        var coordinator = new Coordinator(model, _replicas.For(model), _options, _time, logger, _checkpoints, _health.ReportFatal);
        coordinator.Start();
        return coordinator;
    }
}
