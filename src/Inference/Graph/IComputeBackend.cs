using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>A kind of device that loads shards: the CPU here, accelerators elsewhere.</summary>
public interface IComputeBackend
{
    /// <summary>Short name, such as <c>cpu</c>.</summary>
    string Name { get; }

    /// <summary>Changes whenever any kernel may give other bits; part of a shard's numerics id.</summary>
    string KernelVersion { get; }

    /// <summary>The device in words.</summary>
    string Device { get; }

    /// <summary>Loads a range of layers.</summary>
    /// <param name="file">Model file; it must stay open as long as the shard, which may compute from the mapping.</param>
    /// <param name="options">What to load and how large the caches are.</param>
    /// <param name="progress">Told after every tensor.</param>
    /// <param name="cancellation">Checked after every tensor.</param>
    /// <exception cref="ModelFileException">The file lacks a tensor or a value, or one is not as it must be.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model.</exception>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    IShard LoadShard(ModelFile file, ShardOptions options, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default);
}

/// <summary>How far loading has come.</summary>
/// <param name="DoneBytes">Weights ready.</param>
/// <param name="TotalBytes">Weights of the shard.</param>
public readonly record struct LoadProgress(long DoneBytes, long TotalBytes);
