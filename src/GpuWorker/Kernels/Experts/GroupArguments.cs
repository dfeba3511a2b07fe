using ILGPU;

namespace Winnow.GpuWorker.Kernels.Experts;

/// <summary>What the kernel that brings results of the same expert together is given.</summary>
internal struct GroupArguments
{
    /// <summary>The expert of every result.</summary>
    public ArrayView<int> Chosen;

    /// <summary>Results, those of expert 0 first, each expert's in their own order.</summary>
    public ArrayView<int> Order;

    /// <summary>Tiles: expert, first place in the order, results, 0. Tiles without results lie between them.</summary>
    public ArrayView<Quad> Tiles;

    /// <summary>Results.</summary>
    public int Results;
}
