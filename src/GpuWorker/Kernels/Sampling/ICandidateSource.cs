namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Where <see cref="CandidateKernels"/> finds the keys that it chooses from.</summary>
internal interface ICandidateSource
{
    /// <summary>Keys of a part.</summary>
    static abstract int Count(CandidateArguments a, int row, int part);

    /// <summary>A key: ascending ones are descending logits, then ascending ids; <see cref="ulong.MaxValue"/> for negative infinity.</summary>
    static abstract ulong Key(CandidateArguments a, int row, int part, int index);
}
