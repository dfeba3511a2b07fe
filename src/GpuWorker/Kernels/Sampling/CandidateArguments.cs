using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What the launches of <see cref="CandidateKernels"/> read and write.</summary>
internal struct CandidateArguments
{
    /// <summary>Logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>Keys chosen from each part (rows x parts x wanted), padded with the largest key.</summary>
    public ArrayView<ulong> Keys;

    /// <summary>Candidates (rows x wanted), best first.</summary>
    public ArrayView<Candidate> Candidates;

    /// <summary>Candidates of each row.</summary>
    public ArrayView<int> Counts;

    /// <summary>Floats from a row of logits to the next.</summary>
    public int Stride;

    /// <summary>V: tokens in the vocabulary.</summary>
    public int Vocabulary;

    /// <summary>Parts of a row.</summary>
    public int Parts;

    /// <summary>Candidates wanted of a row.</summary>
    public int Wanted;
}
