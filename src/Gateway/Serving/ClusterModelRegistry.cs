using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Hosting;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Serving;

/// <summary>
/// The models of the cluster's catalogue: reads it in the background, opens the tokeniser of each model that got a placement, and starts
/// its coordinator.
/// </summary>
internal sealed partial class ClusterModelRegistry(
    IClusterClient cluster, CoordinatorFactory coordinators, ModelLibrary files, IOptions<GatewayOptions> options, ProcessHealth health, TimeProvider time,
    ILogger<ClusterModelRegistry> logger) : BackgroundService, IModelRegistry
{
    private const string Condition = "models";
    private static readonly TimeSpan HandOverLimit = TimeSpan.FromSeconds(5);

    // How often the catalogue is read until it has been: the client connects while this process starts.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(100);

    private const string NotRead = "the model catalogue has not been read yet";

    private readonly ConcurrentDictionary<string, Served> _served = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _retiring = new();
    private readonly PendingModels _waits = new(time);
    private readonly RefusedModels _refused = new(time);
    private readonly Outage _outage = new(time);
    private bool _hasRead;
    private volatile string? _unread = NotRead;
    private volatile IReadOnlyDictionary<string, string> _pending = new Dictionary<string, string>();

    /// <inheritdoc />
    public IReadOnlyList<ServedModel> Ready => [.. _served.Values.Where(served => served.Router.IsServing).Select(served => served.Model).OrderBy(model => model.Name, StringComparer.Ordinal)];

    /// <inheritdoc />
    public string? Unread => _unread;

    /// <inheritdoc />
    /// <remarks>A model whose coordinator has just been lost is pending at once, not from the next reading on: it exists.</remarks>
    public IReadOnlyDictionary<string, string> Pending
    {
        get
        {
            var pending = new Dictionary<string, string>(_pending, StringComparer.Ordinal);
            foreach ((string name, Served served) in _served)
            {
                if (!served.Router.IsServing)
                {
                    pending.TryAdd(name, Connecting(served.Router.Obstacle));
                }
            }
            return pending;
        }
    }

    /// <inheritdoc />
    public TimeSpan WaitFor(string name) => _waits.WaitFor(name);

    /// <inheritdoc />
    public async Task<bool> HandOverAsync(CancellationToken cancellation)
    {
        bool areAllElsewhere = true;
        foreach (SharedReplica replica in _served.Values.SelectMany(served => served.Router.Replicas.Values))
        {
            try
            {
                await replica.HandOverAsync(cancellation).WaitAsync(HandOverLimit, time, cancellation);
                areAllElsewhere &= replica.IsElsewhere;
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                // What runs ends here, within the limit.
                areAllElsewhere = false;
                LogNotHandedOver(logger, replica.Key, error.Message);
            }
        }
        return areAllElsewhere;
    }

    /// <summary>Lets running requests end, then stops the coordinators.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.DrainSeconds));
        IEnumerable<Task> stopping = _served.Values.SelectMany(served => served.Router.Replicas.Values.Select(c => StopAsync(served.Model.Name, c, limit.Token)));
        await Task.WhenAll(stopping.Concat(_retiring.Keys));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        health.SetNotReady(Condition, NotRead);
        var interval = TimeSpan.FromMilliseconds(options.Value.CatalogPollMs);
        using var timer = new PeriodicTimer(FirstPoll, time);
        do
        {
            try
            {
                // Not as long as Orleans waits for a silo that has just been lost: the next call finds another.
                Update(await cluster.GetGrain<IModelCatalogGrain>(0).List().WaitAsync(TimeSpan.FromSeconds(options.Value.SiloCallSeconds), time, stoppingToken));
                (_unread, _hasRead) = (null, true);
                if (_outage.Ended(this) is { } outage)
                {
                    LogCatalogRead(logger, outage.Lasted.TotalSeconds);
                }
                timer.Period = interval;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // The silo may come back; what is served goes on meanwhile.
                ReportCatalogFailed(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>What is served goes on without silos, and a gateway that serves is ready.</summary>
    private void ReportCatalogFailed(string error)
    {
        string silos = Silos(options.Value);
        string reason = $"no silo answers, of {silos}: {error}";
        if (_served.Values.Any(served => served.Router.IsReady))
        {
            health.SetReady(Condition);
        }
        else
        {
            health.SetNotReady(Condition, reason);
        }
        _unread = _hasRead ? null : reason;
        if (_outage.Failed(this))
        {
            LogCatalogFailed(logger, silos, error);
        }
    }

    private static string Silos(GatewayOptions options) =>
        options.Clustering == DatabaseConnection.PostgreSql ? $"those that the database of cluster '{options.ClusterId}' names"
        : $"Gateway:SiloGateways '{(options.SiloGateways.Count == 0 ? GatewayOptions.DefaultSiloGateway.ToString() : string.Join(", ", options.SiloGateways))}'";

    private void Update(IReadOnlyList<ModelStatus> models)
    {
        var pending = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ModelStatus status in models.Where(model => model.Phase != ModelPhase.Unloading))
        {
            if (status.Placement is { } placement && !(_served.TryGetValue(status.Name, out Served? known) && known.IsOf(placement)))
            {
                Serve(placement, pending);
            }
            // A model whose status could not be had is listed without replicas: those that serve go on.
            if (_served.TryGetValue(status.Name, out Served? served) && !(status.Phase == ModelPhase.Failed && status.Replicas.Count == 0))
            {
                FollowReplicas(served, status);
            }
            if (served?.Router.IsReady != true)
            {
                pending.TryAdd(status.Name, status.Placement is null ? status.Detail : Connecting(served?.Router.Obstacle));
            }
        }
        foreach (string gone in _served.Keys.Except(models.Where(model => model.Phase != ModelPhase.Unloading).Select(model => model.Name)).ToArray())
        {
            _refused.Forget(gone);
            Unload(gone, models.FirstOrDefault(model => model.Name == gone)?.FinishesRequests ?? false);
        }
        _pending = pending;
        NoteWaits(models);
        ReportHealth(models.Count);
    }

    // One whose coordinator was lost has all of its weights: it waits from now on.
    private void NoteWaits(IReadOnlyList<ModelStatus> models)
    {
        IReadOnlyDictionary<string, string> pending = Pending;
        foreach (ModelStatus status in models.Where(model => pending.ContainsKey(model.Name)))
        {
            _waits.Note(status.Name, status.Progress);
        }
        _waits.Forget(_waits.Names.Except(pending.Keys));
    }

    /// <summary>A model that cannot be placed must not take the gateway from those that can: ready is who serves any, or has none left to wait for.</summary>
    private void ReportHealth(int models)
    {
        if (models == 0)
        {
            health.SetNotReady(Condition, "no model is defined; give the silo one in Silo:Models, or load one with POST /admin/models");
        }
        else if (_pending.Count > 0 && !_served.Values.Any(served => served.Router.IsReady))
        {
            health.SetNotReady(Condition, string.Join("; ", _pending.Select(entry => $"model '{entry.Key}': {entry.Value}")));
        }
        else
        {
            health.SetReady(Condition);
        }
    }

    /// <summary>Has a coordinator for every replica that is wanted, and for no other.</summary>
    private void FollowReplicas(Served served, ModelStatus status)
    {
        IReadOnlyDictionary<int, SharedReplica> now = served.Router.Replicas;
        int[] wanted = [.. status.Replicas.Where(replica => replica.Phase != ModelPhase.Unloading).Select(replica => replica.Index).DefaultIfEmpty(0)];
        foreach (int replica in wanted.Except(now.Keys))
        {
            served.Router.Add(replica, coordinators.Create(status.Name, replica));
        }
        foreach (int replica in now.Keys.Except(wanted).ToArray())
        {
            Retire(status.Name, served.Router.Remove(replica)!, finishes: true);
        }
    }

    private void Unload(string name, bool finishes)
    {
        if (_served.TryRemove(name, out Served? served))
        {
            LogUnloading(logger, name);
            foreach (int replica in served.Router.Replicas.Keys.ToArray())
            {
                Retire(name, served.Router.Remove(replica)!, finishes);
            }
        }
    }

    /// <summary>Ends a coordinator in the background, with its running requests or after them.</summary>
    private void Retire(string name, SharedReplica replica, bool finishes)
    {
        Task retiring = StopAsync(name, replica, finishes ? CancellationToken.None : new CancellationToken(canceled: true));
        _retiring.TryAdd(retiring, true);
        _ = retiring.ContinueWith(done => _retiring.TryRemove(done, out _), TaskScheduler.Default);
    }

    private void Serve(ReplicaPlacement placement, Dictionary<string, string> pending)
    {
        string name = placement.Model.Name;
        if (_refused.ReasonOf(placement) is { } reason)
        {
            pending[name] = reason;
            return;
        }
        try
        {
            using ModelFile file = files.Open(placement.Model.ModelPath);
            ITokenizer tokenizer = TokenizerFactory.FromFile(file);
            ChatTemplate? template = ChatPrompt.ReadTemplate(file);
            // A model that was defined anew keeps its coordinators, which follow the placement by themselves.
            ReplicaRouter router = _served.TryGetValue(name, out Served? before) ? before.Router : new ReplicaRouter(time);
            _served[name] = new Served(router, placement, new ServedModel
            {
                Name = name,
                Tokenizer = tokenizer,
                Template = template,
                Content = ShardNumerics.ContentOf(placement.Shards[^1].Numerics),
                ContextTokens = placement.ContextTokens,
                Generator = router,
                Fingerprint = () => SystemFingerprint.Of(router.Numerics),
                Created = time.GetUtcNow(),
            });
            _refused.Forget(name);
            LogServing(logger, name, placement.Shards.Count, placement.Epoch);
        }
        catch (Exception error) when (error is ModelFileException or TemplateException or IOException or UnauthorizedAccessException)
        {
            pending[name] = error.Message;
            if (_refused.Refuse(placement, error.Message))
            {
                LogModelRefused(logger, name, error.Message);
            }
        }
    }

    private static string Connecting(string? obstacle) => "connecting to its workers" + (obstacle is null ? "" : $": {obstacle}");

    private async Task StopAsync(string model, SharedReplica replica, CancellationToken limit)
    {
        try
        {
            await replica.DrainAsync(limit);
        }
        catch (OperationCanceledException)
        {
            LogDrainCut(logger, model);
        }
        await replica.DisposeAsync();
    }

    private sealed record Served(ReplicaRouter Router, ReplicaPlacement Placement, ServedModel Model)
    {
        /// <summary>The tokeniser, template and context are those of the placement's model file; its numerics tell one file from another.</summary>
        public bool IsOf(ReplicaPlacement placement) => placement.Model.ModelPath == Placement.Model.ModelPath
            && placement.ContextTokens == Placement.ContextTokens
            && placement.Shards[^1].Numerics == Placement.Shards[^1].Numerics;
    }

    [LoggerMessage(EventId = 2020, Level = LogLevel.Warning, Message = "The model catalogue could not be read; no silo answers, of {Silos}. Said once, until one answers: {Error}")]
    private static partial void LogCatalogFailed(ILogger logger, string silos, string error);

    [LoggerMessage(EventId = 2026, Level = LogLevel.Information, Message = "The model catalogue is read again, after {Seconds:0.0} s without")]
    private static partial void LogCatalogRead(ILogger logger, double seconds);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Information, Message = "Serving model '{Model}' on {Shards} shards, epoch {Epoch}")]
    private static partial void LogServing(ILogger logger, string model, int shards, long epoch);

    [LoggerMessage(EventId = 2022, Level = LogLevel.Error, Message = "Model '{Model}' cannot be served: {Error}")]
    private static partial void LogModelRefused(ILogger logger, string model, string error);

    [LoggerMessage(EventId = 2024, Level = LogLevel.Information, Message = "Model '{Model}' is unloaded and takes no more requests")]
    private static partial void LogUnloading(ILogger logger, string model);

    [LoggerMessage(EventId = 2025, Level = LogLevel.Warning, Message = "The lease of replica '{Replica}' could not be handed over: {Error}")]
    private static partial void LogNotHandedOver(ILogger logger, string replica, string error);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Warning, Message = "Model '{Model}' stopped before its last requests had ended")]
    private static partial void LogDrainCut(ILogger logger, string model);
}
