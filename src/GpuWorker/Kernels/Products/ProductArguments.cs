using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>What the kernels of products are given.</summary>
internal struct ProductArguments
{
    /// <summary>The matrix.</summary>
    public WeightViews Weights;

    /// <summary>Prepared rows: codes, or the bits of floats.</summary>
    public ArrayView<Quad> Input;

    /// <summary>Prepared rows: scales by unit position; of floats, a power of two for each quarter of a row.</summary>
    public ArrayView<float> InputScales;

    /// <summary>Super-blocks: eight sums of codes by unit position.</summary>
    public ArrayView<Quad> InputSums;

    /// <summary>Added to every row; none when it has no length. One element an output of the matrix.</summary>
    public ArrayView<float> Bias;

    /// <summary>Experts: which matrix each result is computed with, or in tiles, the results in the order of experts; not read otherwise.</summary>
    public ArrayView<int> Experts;

    /// <summary>Experts: expert, first place in that order, and results of each tile; not read otherwise.</summary>
    public ArrayView<Quad> Tiles;

    /// <summary>Results.</summary>
    public ArrayView<float> Output;

    /// <summary>Rows.</summary>
    public int Rows;

    /// <summary>Experts: results of a prepared row; result i is computed from row i / this.</summary>
    public int ResultsPerRow;

    /// <summary>Outputs of the matrix, or of one expert.</summary>
    public int Outputs;

    /// <summary>How the matrix's inputs are dealt to chains.</summary>
    public ChainLayout Layout;

    /// <summary>Floats from a row of the output to the next.</summary>
    public int OutputStride;

    /// <summary>What becomes of the sums: <see cref="ProductResult"/>.</summary>
    public int Result;
}
