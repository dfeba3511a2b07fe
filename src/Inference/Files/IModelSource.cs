namespace Winnow.Inference.Files;

/// <summary>
/// Brings the bytes of a model whose files are there only in part, such as one that is fetched from a server. The files have their full
/// length; what has not been asked for may be anything. Safe for callers on several threads. Calls block; an implementation throws an
/// <see cref="IOException"/> when the bytes cannot be had.
/// </summary>
public interface IModelSource : IDisposable
{
    /// <summary>Brings bytes that describe the model: headers, tokenisers, samples for the content hash.</summary>
    /// <param name="path">One of the model's files.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes, all of them inside the file.</param>
    void Require(string path, long offset, long length);

    /// <summary>Brings bytes to compute with: tensors. Where a checksum of a whole file is known, it holds for them when this returns.</summary>
    /// <param name="ranges">What is needed, in any order.</param>
    /// <param name="progress">Told how much of it is there, or <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    void RequireTensors(IReadOnlyList<ModelRange> ranges, IProgress<FetchProgress>? progress, CancellationToken cancellation);
}

/// <summary>Bytes of one of a model's files.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct ModelRange(string Path, long Offset, long Length);

/// <summary>How much of what is needed is there.</summary>
/// <param name="DoneBytes">Bytes that are there, those of an earlier fetch included.</param>
/// <param name="NeededBytes">Bytes needed.</param>
public readonly record struct FetchProgress(long DoneBytes, long NeededBytes);
