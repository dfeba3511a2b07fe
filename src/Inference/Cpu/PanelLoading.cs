using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>Checks rows of a tensor, panel by panel, and packs each panel while it is in the cache.</summary>
internal sealed unsafe class PanelLoading(ModelFile file) : IRangeWork
{
    private const int PanelRows = WeightMatrix.PanelRows;
    private GgufTensor? _tensor;
    private WeightMatrix? _matrix;
    private byte* _data;
    private long _firstRow;
    private int _rows;

    /// <summary>Loads some rows on all threads.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="tensor">A tensor of a supported type.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows, all of them in the tensor.</param>
    /// <param name="matrix">Where they are packed; null when they are only checked.</param>
    /// <exception cref="ModelFileException">A value is not finite.</exception>
    public void Go(WorkerPool pool, GgufTensor tensor, long firstRow, int rows, WeightMatrix? matrix)
    {
        _tensor = tensor;
        _matrix = matrix;
        _data = file.GetPointer(tensor) + (firstRow * tensor.RowBytes);
        _firstRow = firstRow;
        _rows = rows;
        pool.For(this, (rows + PanelRows - 1) / PanelRows, leastPiece: 1);
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int panel = start; panel < end; panel++)
        {
            int row = panel * PanelRows;
            WeightChecks.RequireFinite(file, _tensor!, _firstRow + row, Math.Min(PanelRows, _rows - row));
            _matrix?.Pack(_data, panel, panel + 1);
        }
    }
}
