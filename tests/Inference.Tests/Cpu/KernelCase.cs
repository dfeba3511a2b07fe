using System.Security.Cryptography;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Random inputs of one product, equal for equal arguments, and the product by any kernels.</summary>
internal sealed unsafe class KernelCase : IDisposable
{
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _input;
    private readonly NativeBuffer _quantized;
    private readonly WeightMatrix _matrix;
    private readonly int _rows;
    private readonly int _stride;

    public KernelCase(GgmlType type, int outputs, int columns, int rows, int seed)
    {
        Random random = new(seed);
        _rows = rows;
        _stride = (columns + 15) & ~15;
        _weights = new NativeBuffer(type.RowBytes(columns) * outputs);
        FillWeights(type, random);
        _input = new NativeBuffer((long)rows * _stride * sizeof(float));
        for (int row = 0; row < rows; row++)
        {
            for (int k = 0; k < columns; k++)
            {
                ((float*)_input.Pointer)[(row * _stride) + k] = Value(random);
            }
        }
        _quantized = new NativeBuffer(QuantizedRows.BytesFor(rows, (columns + 255) & ~255));
        _matrix = WeightMatrix.Create(type, outputs, columns, _weights.Pointer);
    }

    public byte* Weights => _weights.Pointer;

    public float* Input => (float*)_input.Pointer;

    public float[] Multiply(CpuKernels kernels, int firstRow = 0, int? rows = null, int firstPanel = 0, int? endPanel = null)
    {
        int count = rows ?? _rows;
        QuantizedRows quantized = default;
        float* input = Input + (firstRow * _stride);
        if (_matrix.InputForm != InputForms.None)
        {
            quantized = new QuantizedRows(_quantized.Pointer, count, _matrix.Columns);
            for (int row = 0; row < count; row++)
            {
                kernels.Quantize(input + (row * _stride), quantized, row, _matrix.InputForm);
            }
        }
        float[] result = new float[count * _matrix.Rows];
        fixed (float* output = result)
        {
            ActivationRows activations = new((IntPtr)input, _stride, quantized);
            kernels.MatMul(
                _matrix, activations, count, firstPanel, endPanel ?? _matrix.Panels, new OutputRows((IntPtr)output, _matrix.Rows, Add: false));
        }
        return result;
    }

    public static string Hash(ReadOnlySpan<float> values) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)).AsSpan(0, 8));

    public static float Value(Random random) => (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-6, 4)));

    public void Dispose()
    {
        _matrix.Dispose();
        _weights.Dispose();
        _input.Dispose();
        _quantized.Dispose();
    }

    private void FillWeights(GgmlType type, Random random)
    {
        Span<byte> bytes = new(_weights.Pointer, (int)_weights.Bytes);
        for (int at = 0; at < bytes.Length; at += type.BlockBytes())
        {
            RandomWeights.Fill(type, bytes.Slice(at, type.BlockBytes()), random, MathF.Pow(2, random.Next(-6, 4)));
        }
    }
}
