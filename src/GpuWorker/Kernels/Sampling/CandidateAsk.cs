using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>How many candidates are wanted of which row.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CandidateAsk
{
    /// <summary>Row of the logits.</summary>
    public int Row;

    /// <summary>Candidates wanted, 1 to <see cref="CandidateKernels.MostCandidates"/>.</summary>
    public int Wanted;

    /// <summary>Where they lie among those of all asks: the number wanted by the asks before.</summary>
    public int First;

    /// <summary>Keeps the size a multiple of 16 bytes.</summary>
    public int Unused;
}
