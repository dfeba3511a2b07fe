namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Keys that the first pass chose: one part, all parts of the ask one after another.</summary>
internal readonly struct StoredKeys : ICandidateSource
{
    /// <inheritdoc/>
    public static int Count(CandidateArguments a, CandidateAsk ask, int part) => a.Parts * ask.Wanted;

    /// <inheritdoc/>
    public static ulong Key(CandidateArguments a, CandidateAsk ask, int part, int index) => a.Keys[((long)ask.First * a.Parts) + index];
}
