using System.Runtime.InteropServices;
using Winnow.Inference.Cache;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>The CPU backend: .NET vectors, integer products on quantised blocks, its own threads.</summary>
public sealed class CpuBackend : IComputeBackend
{
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
        ShardSpec spec = ShardSpec.From(configuration, options);
        RequireMemory(file, configuration, spec, options.KvType);
        // Reads samples of the whole file, so it comes before what gives the file's pages back.
        string numerics = ShardNumerics.IdOf(this, file, configuration, spec, options.KvType);
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

    private static void RequireMemory(ModelFile file, ModelConfiguration configuration, ShardSpec spec, KvType kvType)
    {
        long weights = GraphTensors.FileBytes(file, spec);
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
