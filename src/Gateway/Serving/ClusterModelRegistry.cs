using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Hosting;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Serving;

/// <summary>
/// The models of the cluster's catalogue: reads it in the background, opens the tokeniser of each model that got a placement, and starts
/// its coordinator.
/// </summary>
internal sealed partial class ClusterModelRegistry(
    IClusterClient cluster, CoordinatorFactory coordinators, IOptions<GatewayOptions> options, ProcessHealth health, TimeProvider time,
    ILogger<ClusterModelRegistry> logger) : BackgroundService, IModelRegistry
{
    private const string Condition = "models";
    private const string NotRead = "the model catalogue has not been read yet";

    private readonly ConcurrentDictionary<string, Served> _served = new(StringComparer.Ordinal);
    private string? _catalogFailure;
    private bool _hasRead;
    private volatile string? _unread = NotRead;
    private volatile IReadOnlyDictionary<string, string> _pending = new Dictionary<string, string>();

    /// <inheritdoc />
    public IReadOnlyList<ServedModel> Ready => [.. _served.Values.Where(served => served.Coordinator.Shape is not null).Select(served => served.Model).OrderBy(model => model.Name, StringComparer.Ordinal)];

    /// <inheritdoc />
    public string? Unread => _unread;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> Pending => _pending;

    /// <summary>Lets running requests end, then stops the coordinators.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.DrainSeconds));
        await Task.WhenAll(_served.Values.Select(served => StopAsync(served, limit.Token)));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        health.SetNotReady(Condition, NotRead);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.CatalogPollMs), time);
        do
        {
            try
            {
                Update(await cluster.GetGrain<IModelCatalogGrain>(0).List());
                (_catalogFailure, _unread, _hasRead) = (null, null, true);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // The silo may come back; what is served goes on meanwhile.
                ReportCatalogFailed(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void ReportCatalogFailed(string error)
    {
        string silos = options.Value.SiloGateways.Count == 0 ? "127.0.0.1:30000" : string.Join(", ", options.Value.SiloGateways);
        string reason = $"no silo answers at Gateway:SiloGateways '{silos}': {error}";
        health.SetNotReady(Condition, reason);
        _unread = _hasRead ? null : reason;
        if (_catalogFailure != error)
        {
            // Said once, not at every poll.
            _catalogFailure = error;
            LogCatalogFailed(logger, silos, error);
        }
    }

    private void Update(IReadOnlyList<ModelStatus> models)
    {
        var pending = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ModelStatus status in models)
        {
            if (status.Placement is { } placement && !(_served.TryGetValue(status.Name, out Served? known) && known.IsOf(placement)))
            {
                Serve(placement, pending);
            }
            if (!_served.TryGetValue(status.Name, out Served? served) || served.Coordinator.Shape is null)
            {
                pending.TryAdd(status.Name, status.Placement is null ? status.Detail : Connecting(served?.Coordinator.Obstacle));
            }
        }
        _pending = pending;
        if (models.Count == 0)
        {
            health.SetNotReady(Condition, "no model is defined; give the silo one in Silo:Models");
        }
        else if (pending.Count > 0)
        {
            health.SetNotReady(Condition, string.Join("; ", pending.Select(entry => $"model '{entry.Key}': {entry.Value}")));
        }
        else
        {
            health.SetReady(Condition);
        }
    }

    private void Serve(ReplicaPlacement placement, Dictionary<string, string> pending)
    {
        string name = placement.Model.Name;
        try
        {
            using ModelFile file = ModelFile.Open(placement.Model.ModelPath);
            ITokenizer tokenizer = TokenizerFactory.FromFile(file);
            ChatTemplate? template = ChatPrompt.ReadTemplate(file);
            // A model that was defined anew keeps its coordinator, which follows the placement by itself.
            Coordinator coordinator = _served.TryGetValue(name, out Served? before) ? before.Coordinator : coordinators.Create(name);
            _served[name] = new Served(coordinator, placement, new ServedModel
            {
                Name = name,
                Tokenizer = tokenizer,
                Template = template,
                ContextTokens = placement.ContextTokens,
                Generator = coordinator,
                Fingerprint = () => SystemFingerprint.Of(coordinator.Shape?.Numerics ?? []),
                Created = time.GetUtcNow(),
            });
            LogServing(logger, name, placement.Shards.Count, placement.Epoch);
        }
        catch (Exception error) when (error is ModelFileException or TemplateException or IOException or UnauthorizedAccessException)
        {
            pending[name] = error.Message;
            LogModelRefused(logger, name, error.Message);
        }
    }

    private static string Connecting(string? obstacle) => "connecting to its workers" + (obstacle is null ? "" : $": {obstacle}");

    private async Task StopAsync(Served served, CancellationToken limit)
    {
        try
        {
            await served.Coordinator.DrainAsync(limit);
        }
        catch (OperationCanceledException)
        {
            LogDrainCut(logger, served.Model.Name);
        }
        await served.Coordinator.DisposeAsync();
    }

    private sealed record Served(Coordinator Coordinator, ReplicaPlacement Placement, ServedModel Model)
    {
        /// <summary>The tokeniser, template and context are those of the placement's model file; its numerics tell one file from another.</summary>
        public bool IsOf(ReplicaPlacement placement) => placement.Model.ModelPath == Placement.Model.ModelPath
            && placement.ContextTokens == Placement.ContextTokens
            && placement.Shards[^1].Numerics == Placement.Shards[^1].Numerics;
    }

    [LoggerMessage(EventId = 2020, Level = LogLevel.Warning, Message = "The model catalogue could not be read from the silo at {Silos}: {Error}")]
    private static partial void LogCatalogFailed(ILogger logger, string silos, string error);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Information, Message = "Serving model '{Model}' on {Shards} shards, epoch {Epoch}")]
    private static partial void LogServing(ILogger logger, string model, int shards, long epoch);

    [LoggerMessage(EventId = 2022, Level = LogLevel.Error, Message = "Model '{Model}' cannot be served: {Error}")]
    private static partial void LogModelRefused(ILogger logger, string model, string error);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Warning, Message = "Model '{Model}' stopped before its last requests had ended")]
    private static partial void LogDrainCut(ILogger logger, string model);
}
