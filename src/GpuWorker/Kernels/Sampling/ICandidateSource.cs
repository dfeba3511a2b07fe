namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Where <see cref="CandidateKernels"/> finds the keys that it chooses from.</summary>
internal interface ICandidateSource
{
    /// <summary>Keys of a part.</summary>
    static abstract int Count(CandidateArguments a, CandidateAsk ask, int part);

    /// <summary>A key: ascending ones are descending logits, then ascending ids; <see cref="ulong.MaxValue"/> for negative infinity.</summary>
    static abstract ulong Key(CandidateArguments a, CandidateAsk ask, int part, int index);
}
