using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>Products of rows with matrices that do not depend on each other, cut by panels of 16 outputs.</summary>
internal sealed unsafe class MatMulWork(CpuKernels kernels, WorkerPool pool) : IRangeWork
{
    private const int LeastProducts = 1 << 16;

    private Product[] _products = new Product[4];
    private ActivationRows _input;
    private int _rows;
    private int _count;
    private int _panels;
    private long _multiplications;

    /// <summary>Begins a group of products.</summary>
    public MatMulWork Start()
    {
        _count = 0;
        _panels = 0;
        _multiplications = 0;
        return this;
    }

    /// <summary>Begins a group of products of the same input rows.</summary>
    public MatMulWork Start(in ActivationRows input, int rows)
    {
        Start();
        _input = input;
        _rows = rows;
        return this;
    }

    /// <summary>Adds a product of the group's input rows.</summary>
    public MatMulWork With(WeightMatrix matrix, float* output, long stride, bool add = false) =>
        With(matrix, _input, _rows, new OutputRows((IntPtr)output, stride, add));

    /// <summary>Adds a product of rows of its own.</summary>
    public MatMulWork With(WeightMatrix matrix, in ActivationRows input, int rows, in OutputRows output)
    {
        if (_count == _products.Length)
        {
            Array.Resize(ref _products, 2 * _count);
        }
        _products[_count++] = new Product(matrix, input, rows, output);
        _panels += matrix.Panels;
        _multiplications += (long)matrix.Panels * WeightMatrix.PanelRows * matrix.Columns * rows;
        return this;
    }

    /// <summary>Computes all of them.</summary>
    /// <param name="kind">What they are, for a profile.</param>
    public void Go(OperationKind kind)
    {
        if (_panels > 0)
        {
            pool.Profile?.Begin();
            pool.For(this, _panels, (int)Math.Max(1, LeastProducts / Math.Max(1, _multiplications / _panels)));
            pool.Profile?.End(Describe(kind));
        }
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        int first = 0;
        for (int i = 0; i < _count && first < end; i++)
        {
            ref readonly Product product = ref _products[i];
            int from = Math.Max(start, first) - first;
            int to = Math.Min(end, first + product.Matrix.Panels) - first;
            if (from < to)
            {
                kernels.MatMul(product.Matrix, product.Input, product.Rows, from, to, product.Output);
            }
            first += product.Matrix.Panels;
        }
    }

    private Operation Describe(OperationKind kind)
    {
        GgmlType? type = _products[0].Matrix.Type;
        int rows = 0;
        long bytes = 0;
        foreach (ref readonly Product product in _products.AsSpan(0, _count))
        {
            type = product.Matrix.Type == type ? type : null;
            rows = Math.Max(rows, product.Rows);
            bytes += product.Matrix.Bytes;
        }
        return new Operation(kind, type, rows, bytes, _multiplications);
    }

    private readonly record struct Product(WeightMatrix Matrix, ActivationRows Input, int Rows, OutputRows Output);
}
