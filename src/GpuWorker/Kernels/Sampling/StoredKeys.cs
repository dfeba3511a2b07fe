namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Keys that the first pass chose: one part, all parts of the row one after another.</summary>
internal readonly struct StoredKeys : ICandidateSource
{
    /// <inheritdoc/>
    public static int Count(CandidateArguments a, int row, int part) => a.Parts * a.Wanted;

    /// <inheritdoc/>
    public static ulong Key(CandidateArguments a, int row, int part, int index) => a.Keys[((long)row * a.Parts * a.Wanted) + index];
}
