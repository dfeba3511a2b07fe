using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Shared memory of a group of <see cref="AttentionKernels.Attend{TForm}"/>.</summary>
internal struct GroupState
{
    /// <summary>Queries [quad][d].</summary>
    public ArrayView<FloatQuad> Queries;

    /// <summary>Scores, then weights [quad][position in the split].</summary>
    public ArrayView<FloatQuad> Weights;

    /// <summary>Weighted values [chain][d].</summary>
    public ArrayView<FloatQuad> Chains;

    /// <summary>Largest scores [quad][segment of 16 positions].</summary>
    public ArrayView<FloatQuad> Largest;

    /// <summary>Sums of weights by chain.</summary>
    public ArrayView<FloatQuad> ChainSums;

    /// <summary>Slot by position in the split, where a query reads.</summary>
    public ArrayView<int> Slots;

    /// <summary>Sum so far by query.</summary>
    public ArrayView<PartialSum> Sums;

    /// <summary>First and last position by query.</summary>
    public ArrayView<Pair> Bounds;
}
