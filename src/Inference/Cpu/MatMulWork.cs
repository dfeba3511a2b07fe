namespace Winnow.Inference.Cpu;

/// <summary>Products of the same input rows with up to three matrices, cut by panels of 16 outputs.</summary>
internal sealed unsafe class MatMulWork(CpuKernels kernels, WorkerPool pool) : IRangeWork
{
    private const int Most = 3;
    private const int LeastProducts = 1 << 16;

    private readonly WeightMatrix[] _matrices = new WeightMatrix[Most];
    private readonly OutputRows[] _outputs = new OutputRows[Most];
    private ActivationRows _input;
    private int _rows;
    private int _count;
    private int _panels;

    /// <summary>Begins a group of products.</summary>
    public MatMulWork Start(in ActivationRows input, int rows)
    {
        _input = input;
        _rows = rows;
        _count = 0;
        _panels = 0;
        return this;
    }

    /// <summary>Adds a matrix of the same number of columns.</summary>
    public MatMulWork With(WeightMatrix matrix, float* output, long stride, bool add = false)
    {
        _matrices[_count] = matrix;
        _outputs[_count] = new OutputRows((IntPtr)output, stride, add);
        _count++;
        _panels += matrix.Panels;
        return this;
    }

    /// <summary>Computes all of them.</summary>
    public void Go()
    {
        long productsPerPanel = (long)WeightMatrix.PanelRows * _matrices[0].Columns * _rows;
        pool.For(this, _panels, (int)Math.Max(1, LeastProducts / productsPerPanel));
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        int first = 0;
        for (int i = 0; i < _count; i++)
        {
            WeightMatrix matrix = _matrices[i];
            int from = Math.Max(start, first) - first;
            int to = Math.Min(end, first + matrix.Panels) - first;
            if (from < to)
            {
                kernels.MatMul(matrix, _input, _rows, from, to, _outputs[i]);
            }
            first += matrix.Panels;
        }
    }
}
