using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What the launches of <see cref="CandidateKernels"/> read and write.</summary>
internal struct CandidateArguments
{
    /// <summary>Logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>What is asked.</summary>
    public ArrayView<CandidateAsk> Asks;

    /// <summary>Keys chosen from each part (for each ask parts x wanted), padded with the largest key.</summary>
    public ArrayView<ulong> Keys;

    /// <summary>Candidates, those of each ask from its place on, best first.</summary>
    public ArrayView<Candidate> Candidates;

    /// <summary>Candidates found for each ask.</summary>
    public ArrayView<int> Counts;

    /// <summary>Floats from a row of logits to the next.</summary>
    public int Stride;

    /// <summary>V: tokens of a row.</summary>
    public int Vocabulary;

    /// <summary>Id of a row's first token.</summary>
    public int FirstToken;

    /// <summary>Parts of a row.</summary>
    public int Parts;
}
