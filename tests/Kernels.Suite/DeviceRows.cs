using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Suite;

/// <summary>Rows of floats on the device.</summary>
internal sealed class DeviceRows : IDisposable
{
    private readonly MemoryBuffer1D<float, ILGPU.Stride1D.Dense> _buffer;
    private readonly AcceleratorStream _stream;

    /// <summary>Copies dense rows to the device, at the usual stride and padded with numbers that must not matter.</summary>
    public DeviceRows(Accelerator accelerator, float[] values, int width)
    {
        _stream = accelerator.DefaultStream;
        int stride = RowsView.StrideOf(width);
        float[] padded = RowReference.Strided(values, width, stride);
        for (int i = 0; i < padded.Length; i++)
        {
            padded[i] = i % stride < width ? padded[i] : 1e30f;
        }
        _buffer = accelerator.Allocate1D<float>(Math.Max(stride, padded.Length));
        _buffer.View.BaseView.SubView(0, padded.Length).CopyFromCPU(_stream, new ReadOnlySpan<float>(padded));
        View = new RowsView(_buffer.View.BaseView, width, stride);
    }

    /// <summary>The rows, as ops take them.</summary>
    public RowsView View { get; }

    /// <summary>Dense rows, after all that was launched.</summary>
    public float[] Read(int rows)
    {
        _stream.Synchronize();
        float[] data = new float[_buffer.Length];
        _buffer.View.BaseView.CopyToCPU(_stream, new Span<float>(data));
        return RowReference.Dense(data, rows, View.Width, View.Stride);
    }

    public void Dispose() => _buffer.Dispose();
}
