using ILGPU;

namespace Winnow.GpuWorker.Kernels.Experts;

/// <summary>What the kernel that chooses experts is given.</summary>
internal struct RouteArguments
{
    /// <summary>The router's scores.</summary>
    public ArrayView<float> Scores;

    /// <summary>Chosen experts, row by row, best first.</summary>
    public ArrayView<int> Chosen;

    /// <summary>Their shares.</summary>
    public ArrayView<float> Shares;

    /// <summary>Floats from a row of scores to the next.</summary>
    public int Stride;

    /// <summary>Experts.</summary>
    public int Experts;

    /// <summary>Experts that are chosen for a row.</summary>
    public int Used;
}
