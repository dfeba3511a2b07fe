using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.Kernels.Suite;

/// <summary>A matrix and rows on the device, and their product.</summary>
internal sealed class MatMulCase : IDisposable
{
    private readonly Accelerator _accelerator;
    private readonly AcceleratorStream _stream;
    private readonly MatMulOp _product;
    private readonly PrepareOp _prepare;

    public MatMulCase(Accelerator accelerator, params ProductReference[] matrices)
        : this(accelerator, null, matrices[0].Inputs, matrices)
    {
    }

    public MatMulCase(Accelerator accelerator, KernelVariant? variant, params ProductReference[] matrices)
        : this(accelerator, variant, matrices[0].Inputs, matrices)
    {
    }

    public unsafe MatMulCase(Accelerator accelerator, KernelVariant? variant, InputShare share, params ProductReference[] matrices)
    {
        _accelerator = accelerator;
        _stream = accelerator.DefaultStream;
        _product = new MatMulOp(accelerator, variant);
        _prepare = new PrepareOp(accelerator);
        Weights = new WeightBuffer(
            accelerator, WeightForms.Of(matrices[0].Type), matrices.Sum(matrix => matrix.Outputs), share);
        using WeightPacker packer = new(_stream, threads: 2, stagingBytes: 4096);
        int first = 0;
        foreach (ProductReference matrix in matrices)
        {
            fixed (byte* rows = matrix.Rows)
            {
                packer.Upload(Weights, first, matrix.Type, rows, matrix.Outputs);
            }
            first += matrix.Outputs;
        }
    }

    public WeightBuffer Weights { get; }

    /// <summary>Products of dense rows; results are dense too.</summary>
    public float[] Multiply(float[] values, int rows, ProductResult result = ProductResult.Store, float[]? bias = null, float[]? onto = null)
    {
        int inputs = Weights.Inputs;
        int width = result >= ProductResult.Silu ? Weights.Outputs / 2 : Weights.Outputs;
        int stride = RowsView.StrideOf(inputs);
        int outputStride = RowsView.StrideOf(width);
        using ActivationBuffer prepared = new(_accelerator, Math.Max(1, rows), inputs, Weights.Form.Input());
        using MemoryBuffer1D<float, Stride1D.Dense> input = Copy(RowReference.Strided(values, inputs, stride), Math.Max(1, rows) * stride);
        using MemoryBuffer1D<float, Stride1D.Dense> output = Copy(
            onto is null ? [] : RowReference.Strided(onto, width, outputStride), Math.Max(1, rows) * outputStride);
        using MemoryBuffer1D<float, Stride1D.Dense>? added = bias is null ? null : Copy(bias, bias.Length);
        _prepare.Plain(_stream, new RowsView(input.View.BaseView, inputs, stride), rows, prepared, Weights.Form.Input(), Weights.Share);
        RowsView results = new(output.View.BaseView, width, outputStride);
        _product.Run(_stream, Weights, prepared, rows, results, result, added?.View.BaseView ?? default);
        return RowReference.Dense(Read(output), rows, width, outputStride);
    }

    public void Dispose()
    {
        _product.Dispose();
        Weights.Dispose();
    }

    private MemoryBuffer1D<float, Stride1D.Dense> Copy(float[] values, int length)
    {
        float[] data = new float[Math.Max(1, length)];
        values.CopyTo(data, 0);
        MemoryBuffer1D<float, Stride1D.Dense> buffer = _accelerator.Allocate1D<float>(data.Length);
        buffer.View.BaseView.CopyFromCPU(_stream, new ReadOnlySpan<float>(data));
        return buffer;
    }

    private float[] Read(MemoryBuffer1D<float, Stride1D.Dense> buffer)
    {
        _stream.Synchronize();
        float[] data = new float[buffer.Length];
        buffer.View.BaseView.CopyToCPU(_stream, new Span<float>(data));
        return data;
    }
}
