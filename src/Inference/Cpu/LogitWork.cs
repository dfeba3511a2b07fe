using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>What follows the head's product: its bias is added and logits are capped, cut by pieces of rows.</summary>
internal sealed unsafe class LogitWork(CpuKernels kernels, WorkerPool pool) : IRangeWork
{
    private const int PieceFloats = 4096;
    private float* _logits;
    private float* _bias;
    private int _vocabulary;
    private int _pieces;
    private float _cap;

    /// <summary>Finishes rows of logits.</summary>
    /// <param name="logits">Logits, rows x V.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="bias">Added to every row; null for none.</param>
    /// <param name="cap">Cap; 0 for none.</param>
    public void Go(float* logits, int rows, int vocabulary, float* bias, float cap)
    {
        if (bias is null && cap == 0)
        {
            return;
        }
        _logits = logits;
        _bias = bias;
        _vocabulary = vocabulary;
        _pieces = (vocabulary + PieceFloats - 1) / PieceFloats;
        _cap = cap;
        pool.Profile?.Begin();
        pool.For(this, rows * _pieces, 1);
        pool.Profile?.End(new Operation(OperationKind.LogitFinish, null, rows));
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int piece = start; piece < end; piece++)
        {
            (int row, int part) = Math.DivRem(piece, _pieces);
            int first = part * PieceFloats;
            int count = Math.Min(PieceFloats, _vocabulary - first);
            float* logits = _logits + ((long)row * _vocabulary) + first;
            RowWork.Add(logits, _bias is null ? null : _bias + first, count);
            if (_cap > 0)
            {
                kernels.SoftCap(logits, count, _cap);
            }
        }
    }
}
