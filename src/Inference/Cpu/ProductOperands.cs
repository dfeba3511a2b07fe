namespace Winnow.Inference.Cpu;

/// <summary>A matrix with input and output rows of its own.</summary>
internal sealed unsafe class ProductOperands : IDisposable
{
    private readonly WeightMatrix _matrix;
    private readonly int _rows;
    private readonly NativeBuffer _floats;
    private readonly NativeBuffer _quantized;
    private readonly NativeBuffer _output;

    /// <summary>Takes over a matrix and makes rows for it.</summary>
    /// <param name="matrix">Its columns are whole super-blocks.</param>
    /// <param name="rows">Input rows.</param>
    public ProductOperands(WeightMatrix matrix, int rows)
    {
        _matrix = matrix;
        _rows = rows;
        _floats = new NativeBuffer((long)rows * matrix.Columns * sizeof(float));
        _quantized = new NativeBuffer(QuantizedRows.BytesFor(rows, matrix.Columns));
        _output = new NativeBuffer((long)rows * matrix.Panels * WeightMatrix.PanelRows * sizeof(float));
        new Span<float>(_floats.Pointer, rows * matrix.Columns).Fill(1);
        for (int row = 0; row < rows && matrix.InputForm != InputForms.None; row++)
        {
            CpuKernels.Best.Quantize((float*)_floats.Pointer + ((long)row * matrix.Columns), Quantized, row, matrix.InputForm);
        }
    }

    private QuantizedRows Quantized => new(_quantized.Pointer, _rows, _matrix.Columns);

    /// <summary>Computes all outputs of all rows.</summary>
    public void Multiply()
    {
        var input = new ActivationRows((IntPtr)_floats.Pointer, _matrix.Columns, Quantized);
        var output = new OutputRows((IntPtr)_output.Pointer, _matrix.Panels * WeightMatrix.PanelRows, Add: false);
        CpuKernels.Best.MatMul(_matrix, input, _rows, 0, _matrix.Panels, output);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _matrix.Dispose();
        _floats.Dispose();
        _quantized.Dispose();
        _output.Dispose();
    }
}
