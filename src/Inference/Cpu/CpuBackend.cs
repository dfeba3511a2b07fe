using System.Runtime.InteropServices;
using Winnow.Inference.Cache;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>The CPU backend: .NET vectors, integer products on quantised blocks, its own threads.</summary>
public sealed class CpuBackend : IComputeBackend
{
    private const int MaxThreads = 1024;
    private const int MaxBlockTokens = 256;
    private readonly CpuKernels _kernels;

    /// <summary>Takes the widest vectors that this processor has.</summary>
    public CpuBackend()
        : this(CpuKernels.Best)
    {
    }

    internal CpuBackend(CpuKernels kernels) => _kernels = kernels;

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public string KernelVersion => CpuKernels.Version;

    /// <inheritdoc/>
    public string Device => $"{RuntimeInformation.ProcessArchitecture} {_kernels.Name}, {Environment.ProcessorCount} processors";

    /// <inheritdoc/>
    public IShard LoadShard(
        ModelFile file, ShardOptions options, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        ModelConfiguration configuration = ModelConfigurationReader.Read(file);
        ShardSpec spec = CheckOptions(configuration, options);
        RequireMemory(file, configuration, spec, options.KvType);
        // Reads samples of the whole file, so it comes before what gives the file's pages back.
        string numerics = Numerics(file, configuration, spec, options.KvType);
        WorkerPool pool = new(options.Threads, options.PinThreads);
        CpuWeights? weights = null;
        try
        {
            weights = new CpuWeightsLoader(file, configuration, spec, pool, progress, cancellation).Load();
            return new CpuShard(spec, weights, _kernels, pool, options, numerics);
        }
        catch
        {
            weights?.Dispose();
            pool.Dispose();
            throw;
        }
    }

    // A model that rotates otherwise in long contexts computes otherwise there.
    private string Numerics(ModelFile file, ModelConfiguration configuration, ShardSpec spec, KvType kvType)
    {
        bool rotatesLong = configuration.LayerBlocks.Any(
            block => GraphTensors.RopeDivisors(file, block.Attention.Rope, spec.ContextTokens) == GraphTensors.RopeLong);
        string suffix = rotatesLong ? "-rope-long" : "";
        return $"{Name}-{KernelVersion}-{file.ContentHash}-kv-{KvTypes.NameOf(kvType)}{suffix}";
    }

    private static ShardSpec CheckOptions(ModelConfiguration configuration, ShardOptions options)
    {
        int lastLayer = options.LastLayer == 0 ? configuration.Layers : options.LastLayer;
        Require(lastLayer, 1, configuration.Layers, nameof(ShardOptions.LastLayer), "the model's layers");
        Require(options.FirstLayer, 0, lastLayer - 1, nameof(ShardOptions.FirstLayer), "a layer before the last");
        Require(options.KvBlockTokens, KvStore.TileRows, MaxBlockTokens, nameof(ShardOptions.KvBlockTokens), "a multiple of 16");
        if (options.KvBlockTokens % KvStore.TileRows != 0)
        {
            throw new ArgumentException($"KvBlockTokens '{options.KvBlockTokens}' is not a multiple of {KvStore.TileRows}.", nameof(options));
        }
        int mostBlocks = (int.MaxValue - (1 << 20)) / options.KvBlockTokens;
        Require(options.KvBlockCount, 1, mostBlocks, nameof(ShardOptions.KvBlockCount), "a count of blocks");
        Require(options.ScratchTokens, 0, 1 << 20, nameof(ShardOptions.ScratchTokens), "a count of rows");
        Require(options.Threads, 1, MaxThreads, nameof(ShardOptions.Threads), "a count of threads");
        int context = options.ContextTokens == 0 ? configuration.ContextTokens : options.ContextTokens;
        Require(context, 1, configuration.ContextTokens, nameof(ShardOptions.ContextTokens), "at most the model's context");
        return new ShardSpec
        {
            FirstLayer = options.FirstLayer,
            LastLayer = lastLayer,
            ModelLayers = configuration.Layers,
            ModelSize = configuration.ModelSize,
            VocabularySize = configuration.VocabularySize,
            BlockTokens = options.KvBlockTokens,
            BlockCount = options.KvBlockCount,
            ScratchTokens = options.ScratchTokens,
            ContextTokens = context,
        };
    }

    private static void Require(int value, int least, int most, string name, string what)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{name} is '{value}'; allowed are {least} to {most} ({what}).", name);
        }
    }

    private static void RequireMemory(ModelFile file, ModelConfiguration configuration, ShardSpec spec, KvType kvType)
    {
        long weights = CpuWeightsLoader.FileBytes(file, spec);
        long rowBytes = 2L * configuration.KvHeads * ((configuration.HeadSize + 15) & ~15) * (kvType == KvType.F16 ? 2 : 4);
        long rows = ((long)spec.BlockCount * spec.BlockTokens) + spec.ScratchTokens;
        Int128 kv = (Int128)rowBytes * rows * (spec.LastLayer - spec.FirstLayer);
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (weights + kv > available)
        {
            throw new InsufficientMemoryException(
                $"Layers '{spec.FirstLayer}' to '{spec.LastLayer}' of '{file.Path}' need {weights} bytes of weights and {kv} bytes of KV cache"
                + $" ({spec.BlockCount} blocks of {spec.BlockTokens} tokens); this machine has {available}. Load fewer layers or fewer blocks.");
        }
    }
}
