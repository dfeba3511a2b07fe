using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;
using Winnow.Inference.Planning;

namespace Winnow.Gateway.Coordination.Local;

/// <summary>A replica loaded into this process; there is no other one when it breaks.</summary>
public sealed class LocalReplica : IReplicaSource, IAsyncDisposable
{
    private const double KvShareOfMemory = 0.25;
    private readonly List<ModelFile> _files = [];
    private readonly InProcessPipeline _pipeline;
    private readonly InProcessDraftClient? _drafter;
    private readonly FixedReplicaSource _source;

    private LocalReplica(LocalReplicaOptions options, IComputeBackend backend)
    {
        try
        {
            ModelFile target = Open(options, options.ModelPath);
            ModelConfiguration configuration = ModelConfigurationReader.Read(target);
            int context = options.ContextTokens > 0 ? options.ContextTokens : configuration.ContextTokens;
            ModelFile? draft = options.DraftPath is null ? null : Open(options, options.DraftPath);
            VocabularyBridge? bridge = draft is null ? null : VocabularyBridge.Between(target, draft);
            ModelFile? head = options.HeadPath is null ? null : Open(options, options.HeadPath);
            ExitModel? exit = options.ExitPath is null ? null : ExitModel.Read(Open(options, options.ExitPath), target);
            _pipeline = new InProcessPipeline(LoadShards(target, head, exit, configuration, options, context, backend));
            _drafter = draft is null ? null : new InProcessDraftClient(LoadDrafter(draft, bridge, options, context, backend));
            _source = new FixedReplicaSource(_pipeline, _drafter);
        }
        catch
        {
            _pipeline?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            CloseFiles();
            throw;
        }
    }

    /// <summary>Loads the models.</summary>
    /// <param name="options">What to load.</param>
    /// <param name="backend">Device to load on; the CPU when <see langword="null"/>.</param>
    /// <exception cref="ModelFileException">A file is missing, damaged or not supported, or has no tokeniser to translate drafts by.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model.</exception>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public static LocalReplica Load(LocalReplicaOptions options, IComputeBackend? backend = null) => new(options, backend ?? new CpuBackend());

    /// <inheritdoc />
    public Task<Replica> AcquireAsync(CancellationToken cancellation) => _source.AcquireAsync(cancellation);

    /// <summary>Frees the models. A coordinator that runs on the replica does this by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_drafter is not null)
        {
            await _drafter.DisposeAsync().ConfigureAwait(false);
        }
        await _pipeline.DisposeAsync().ConfigureAwait(false);
        CloseFiles();
    }

    private static List<ShardEngine> LoadShards(
        ModelFile file, ModelFile? head, ExitModel? exit, ModelConfiguration configuration, LocalReplicaOptions options, int context, IComputeBackend backend)
    {
        if (options.Shards < 1 || options.Shards > configuration.Layers)
        {
            throw new ArgumentException($"Shards is '{options.Shards}'; '{file.Path}' can be cut into 1 to {configuration.Layers} (its layers).", nameof(options));
        }
        int blocks = options.KvBlocks > 0 ? options.KvBlocks : FittingBlocks(file, configuration, options, context);
        var engines = new List<ShardEngine>();
        try
        {
            for (int i = 0; i < options.Shards; i++)
            {
                ShardOptions shard = ShardOptionsFor(options, context, blocks) with
                {
                    ScratchTokens = Math.Max(SpeculationOptions.MaxTreeNodes, MemoryPlanner.ScratchRowsPerSequence * options.MaxSequences),
                    FirstLayer = configuration.Layers * i / options.Shards,
                    LastLayer = configuration.Layers * (i + 1) / options.Shards,
                    Threads = Math.Max(1, ThreadsOf(options) / options.Shards),
                };
                engines.Add(LoadEngine(file, i == options.Shards - 1 ? head : null, i == 0 ? exit : null, shard, backend));
            }
            return engines;
        }
        catch
        {
            engines.ForEach(engine => engine.Dispose());
            throw;
        }
    }

    private static ShardEngine LoadEngine(ModelFile file, ModelFile? head, ExitModel? exit, ShardOptions options, IComputeBackend backend)
    {
        IShard shard = backend.LoadShard(file, options);
        HeadDrafter? drafter = null;
        ExitDrafter? early = null;
        try
        {
            drafter = head is null ? null : new HeadDrafter(head, file, shard, options.Threads, TimeProvider.System);
            early = exit is null ? null : new ExitDrafter(exit, shard, backend, options, TimeProvider.System);
            return new ShardEngine(shard, head: drafter, exit: early, grammars: GrammarVocabulary.Of(file));
        }
        catch
        {
            early?.Dispose();
            drafter?.Dispose();
            shard.Dispose();
            throw;
        }
    }

    private static IDraftEngine LoadDrafter(
        ModelFile file, VocabularyBridge? bridge, LocalReplicaOptions options, int context, IComputeBackend backend)
    {
        ModelConfiguration configuration = ModelConfigurationReader.Read(file);
        // A draft model with a shorter context drafts only as far as it reaches.
        int reach = Math.Min(context, configuration.ContextTokens);
        int blocks = FittingBlocks(file, configuration, options, reach);
        using ModelFile? stops = options.StopHeadPath is null ? null : options.OpenModel(options.StopHeadPath);
        StopHead? stopHead = stops is null ? null : DraftEngines.LoadStopHead(stops, file, bridge);
        return DraftEngines.Create(backend.LoadShard(file, ShardOptionsFor(options, reach, blocks) with { Threads = ThreadsOf(options) }), bridge, stopHead: stopHead);
    }

    private static ShardOptions ShardOptionsFor(LocalReplicaOptions options, int context, int blocks) => new()
    {
        KvBlockTokens = options.KvBlockTokens,
        KvBlockCount = blocks,
        ContextTokens = context,
        KvType = options.KvType,
    };

    private static int FittingBlocks(ModelFile file, ModelConfiguration configuration, LocalReplicaOptions options, int context)
    {
        var pages = new KvPages(ModelFootprint.Read(file), configuration.Layers, options.KvBlockTokens, options.KvType);
        long perSequence = pages.BlocksOf(context);
        long wanted = (long)Math.Ceiling(perSequence * options.MaxSequences * options.KvShare);
        long affordable = pages.BlocksWithin((long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * KvShareOfMemory));
        return (int)Math.Min(int.MaxValue / options.KvBlockTokens / 2, Math.Max(perSequence, Math.Min(wanted, affordable)));
    }

    private static int ThreadsOf(LocalReplicaOptions options) => options.Threads > 0 ? options.Threads : Environment.ProcessorCount;

    private ModelFile Open(LocalReplicaOptions options, string path)
    {
        ModelFile file = options.OpenModel(path);
        _files.Add(file);
        return file;
    }

    private void CloseFiles()
    {
        _files.ForEach(file => file.Dispose());
        _files.Clear();
    }
}
