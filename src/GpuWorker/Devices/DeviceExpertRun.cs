using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>The experts of a layer on a device: every row is routed by itself, on the device; nothing comes back to the host.</summary>
internal sealed class DeviceExpertRun(DeviceKernels kernels, ModelConfiguration model, DeviceScratch scratch) : IDisposable
{
    private readonly List<MemoryBuffer> _buffers = [];
    private ArrayView<int> _chosen;
    private ArrayView<float> _shares;
    private RowsView _scores;
    private RowsView _terms;
    private int _rows;
    private int _used;

    /// <summary>Computes a layer's experts from the normed hidden states.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="layer">A layer with experts.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="hidden">Hidden states.</param>
    /// <returns>What every expert of every row gives; of several devices that share the experts, a part of each.</returns>
    public ArrayView<float> Start(AcceleratorStream stream, DeviceLayer layer, int rows, in RowsView hidden)
    {
        DeviceExperts experts = layer.Experts!;
        FeedForwardBlock block = layer.Block.FeedForward;
        ExpertRouting routing = block.Experts!;
        Reserve(rows, routing);
        int results = rows * routing.Used;
        ActivationForms forms = experts.Router.Form.Input() | experts.GateUp.Form.Input();
        kernels.Prepare.Normed(stream, hidden, layer.FeedForwardNorm, model.NormEpsilon, rows, default, scratch.Prepared, forms);
        kernels.Products.Run(stream, experts.Router, scratch.Prepared, rows, _scores);
        kernels.Experts.Route(stream, _scores, rows, routing.Used, _chosen, _shares);
        RowsView gate = new(scratch.Gate.Values, experts.Down.Inputs, scratch.Gate.Stride);
        ProductResult gated = block.Activation == Activation.GeluTanh ? ProductResult.Gelu : ProductResult.Silu;
        kernels.Products.RunExperts(stream, experts.GateUp, scratch.Prepared, _chosen, routing.Used, results, gate, gated);
        kernels.Prepare.Plain(stream, gate, results, scratch.Prepared, experts.Down.Form.Input(), experts.Down.Share);
        kernels.Products.RunExperts(stream, experts.Down, scratch.Prepared, _chosen, 1, results, _terms);
        return _terms.Values.SubView(0, (long)results * _terms.Stride);
    }

    /// <summary>Adds what the experts gave to the hidden states.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="hidden">Hidden states.</param>
    public void Finish(AcceleratorStream stream, DeviceLayer layer, int rows, in RowsView hidden)
    {
        kernels.Experts.Combine(stream, _terms, _shares, rows, layer.Block.FeedForward.Experts!.Used, scratch.Result);
        kernels.Join.Run(stream, scratch.Result, hidden, rows, norm: layer.FeedForwardPostNorm, epsilon: model.NormEpsilon);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffers.ForEach(buffer => buffer.Dispose());
        _buffers.Clear();
    }

    private void Reserve(int rows, ExpertRouting routing)
    {
        if (rows <= _rows && routing.Used == _used)
        {
            return;
        }
        kernels.Accelerator.Synchronize();
        Dispose();
        (_rows, _used) = (scratch.Rows, routing.Used);
        int results = _rows * _used;
        _chosen = Allocate<int>(results);
        _shares = Allocate<float>(results);
        _scores = Rows(_rows, routing.Count);
        _terms = Rows(results, model.ModelSize);
    }

    private RowsView Rows(int rows, int width)
    {
        int stride = RowsView.StrideOf(width);
        return new RowsView(Allocate<float>((long)rows * stride), width, stride);
    }

    private ArrayView<T> Allocate<T>(long length)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = kernels.Accelerator.Allocate1D<T>(length);
        _buffers.Add(buffer);
        return buffer.View.BaseView;
    }
}
