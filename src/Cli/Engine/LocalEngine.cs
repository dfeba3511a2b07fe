using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Cli.Processes;
using Winnow.Fetching;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Serving;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Engine;

/// <summary>A model that generates for a command: in this process, or on a local cluster of worker processes.</summary>
internal sealed class LocalEngine : IAsyncDisposable
{
    private readonly IAsyncDisposable _owner;
    private readonly Func<long> _peakMemoryBytes;
    private readonly ComputeDevice? _device;

    private LocalEngine(IAsyncDisposable owner, Func<long> peakMemoryBytes, ComputeDevice? device = null)
    {
        _device = device;
        _owner = owner;
        _peakMemoryBytes = peakMemoryBytes;
    }

    /// <summary>Generates tokens.</summary>
    public required IGenerator Generator { get; init; }

    /// <summary>The target's tokeniser.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>The target's chat template, or <see langword="null"/>.</summary>
    public required ChatTemplate? Template { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Whether this process computes.</summary>
    public required bool InProcess { get; init; }

    /// <summary>Process ids of the shards' hosts, in shard order.</summary>
    public required IReadOnlyList<int> ProcessIds { get; init; }

    /// <summary>Peak resident memory of all processes that compute, in bytes.</summary>
    public long PeakMemoryBytes => _peakMemoryBytes();

    /// <summary>Sequences paused so far because KV pages ran short, or <see langword="null"/> when that is another process's knowledge.</summary>
    public long? Pauses => (Generator as Coordinator)?.Status?.Pauses;

    /// <summary>Loads the models.</summary>
    /// <exception cref="ModelFileException">A file cannot be used.</exception>
    /// <exception cref="CliException">The models do not go together, or a process did not come up.</exception>
    public static async Task<LocalEngine> OpenAsync(EngineOptions options, CancellationToken cancellation)
    {
        ModelPair.Check(options);
        var text = Task.Run(() => ReadText(options.ModelPath), cancellation);
        return options.InProcess ? await OpenHereAsync(options, text, cancellation) : await OpenClusterAsync(options, text, cancellation);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _owner.DisposeAsync();
        _device?.Dispose();
    }

    // Takes as long as a quarter of the weights, so it runs beside them.
    private static (ITokenizer Tokenizer, ChatTemplate? Template) ReadText(string path)
    {
        using ModelFile file = CliModels.Open(path);
        return (TokenizerFactory.FromFile(file), ChatPrompt.ReadTemplate(file));
    }

    private static async Task<LocalEngine> OpenHereAsync(
        EngineOptions options, Task<(ITokenizer Tokenizer, ChatTemplate? Template)> text, CancellationToken cancellation)
    {
        var device = new ComputeDevice(options);
        IReplicaSource source = Load(options, device);
        (ITokenizer tokenizer, ChatTemplate? template) = await text;
        var limits = new CoordinatorOptions { MaxSequences = options.MaxSequences };
        limits.CalibrationTime = options.Calibrates ? limits.CalibrationTime : TimeSpan.Zero;
        limits.StopThreshold = options.StopThreshold ?? limits.StopThreshold;
        limits.MaxDraftTokens = Math.Max(limits.MaxDraftTokens, Math.Min(options.LongestDraft, SpeculationOptions.MaxDraftTokens));
        var coordinator = new Coordinator(ModelLocation.ModelName(options.ModelPath), source, limits, TimeProvider.System, NullLogger.Instance)
        {
            Drafters = size => options.Drafter is { } own ? [.. TokenDrafters.CreateAll(size), own] : TokenDrafters.CreateAll(size),
        };
        coordinator.Start();
        PipelineShape shape = await coordinator.WaitUntilReadyAsync(cancellation);
        return new LocalEngine(coordinator, () => ProcessMemory.PeakBytes(Environment.ProcessId), device)
        {
            Generator = coordinator,
            Tokenizer = tokenizer,
            Template = template,
            ContextTokens = shape.ContextTokens,
            InProcess = true,
            ProcessIds = shape.ProcessIds,
        };
    }

    private static LocalReplica Load(EngineOptions options, ComputeDevice device)
    {
        try
        {
            return LocalReplica.Load(new LocalReplicaOptions
            {
                OpenModel = CliModels.Open,
                ModelPath = options.ModelPath,
                DraftPath = options.DraftPath,
                HeadPath = options.HeadPath,
                ExitPath = options.ExitPath,
                StopHeadPath = options.StopHeadPath,
                Shards = options.Shards,
                MaxSequences = options.MaxSequences,
                Threads = options.Threads,
                KvType = options.KvType,
                KvShare = options.KvShare,
            }, device.Backend);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static async Task<LocalEngine> OpenClusterAsync(
        EngineOptions options, Task<(ITokenizer Tokenizer, ChatTemplate? Template)> text, CancellationToken cancellation)
    {
        (ITokenizer tokenizer, ChatTemplate? template) = await text;
        LocalCluster cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Engine = options }, ClusterProgress.Silent, cancellation);
        return new LocalEngine(cluster, cluster.PeakWorkerMemoryBytes)
        {
            Generator = cluster.Generator,
            Tokenizer = tokenizer,
            Template = template,
            ContextTokens = cluster.ContextTokens,
            InProcess = false,
            ProcessIds = cluster.TargetProcessIds,
        };
    }
}
