namespace Winnow.Inference.Cpu;

/// <summary>Caps logits, cut by pieces.</summary>
internal sealed unsafe class LogitWork(CpuKernels kernels, WorkerPool pool) : IRangeWork
{
    private const int PieceFloats = 4096;
    private float* _logits;
    private long _count;
    private float _cap;

    /// <summary>Caps all logits; does nothing when <paramref name="cap"/> is 0.</summary>
    public void Go(float* logits, long count, float cap)
    {
        if (cap > 0)
        {
            _logits = logits;
            _count = count;
            _cap = cap;
            pool.For(this, (int)((count + PieceFloats - 1) / PieceFloats), 1);
        }
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        long first = (long)start * PieceFloats;
        kernels.SoftCap(_logits + first, Math.Min(_count, (long)end * PieceFloats) - first, _cap);
    }
}
