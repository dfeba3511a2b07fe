using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>Buffers for the rows of a pass between two operations, on the device. They grow with the largest pass seen.</summary>
internal sealed class DeviceScratch(Accelerator accelerator, ModelConfiguration model, ActivationForms forms) : IDisposable
{
    private const int LeastRows = 16;
    private readonly List<MemoryBuffer> _buffers = [];

    /// <summary>Rows that there is room for.</summary>
    public int Rows { get; private set; }

    /// <summary>Hidden states (T x C).</summary>
    public RowsView Hidden { get; private set; }

    /// <summary>Hidden states of the rows that the sampler needs, without gaps (T x C).</summary>
    public RowsView Outputs { get; private set; }

    /// <summary>What a part of a layer gives, where it is changed before it is added to the hidden states (T x C).</summary>
    public RowsView Result { get; private set; }

    /// <summary>Queries, keys and values side by side (T x (H + 2G)D).</summary>
    public RowsView Projected { get; private set; }

    /// <summary>What attention gives (T x H*D).</summary>
    public RowsView Attention { get; private set; }

    /// <summary>activation(gate) * up, or the gate alone, of every feed-forward layer of a row (T x F).</summary>
    public RowsView Gate { get; private set; }

    /// <summary>Up, where it is not computed with the gate (T x F).</summary>
    public RowsView Up { get; private set; }

    /// <summary>Rows as products read them.</summary>
    public ActivationBuffer Prepared { get; private set; } = null!;

    /// <summary>Makes room for rows; what was there is lost when there was not enough.</summary>
    public void Reserve(int rows)
    {
        if (rows <= Rows)
        {
            return;
        }
        Rows = Math.Max(Math.Max(rows, LeastRows), 2 * Rows);
        accelerator.Synchronize();
        Dispose();
        int queryWidth = model.Heads * model.HeadSize;
        int feedForwards = Rows * model.FeedForwardsPerRow;
        Hidden = Allocate(Rows, model.ModelSize);
        Outputs = Allocate(Rows, model.ModelSize);
        Result = Allocate(Rows, model.ModelSize);
        Projected = Allocate(Rows, queryWidth + (2 * model.KvHeads * model.HeadSize));
        Attention = Allocate(Rows, queryWidth);
        Gate = Allocate(feedForwards, model.FeedForwardSize);
        Up = Allocate(feedForwards, model.FeedForwardSize);
        int widest = Math.Max(Math.Max(model.ModelSize, queryWidth), model.FeedForwardSize);
        Prepared = new ActivationBuffer(accelerator, feedForwards, widest, forms);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffers.ForEach(buffer => buffer.Dispose());
        _buffers.Clear();
        Prepared?.Dispose();
    }

    private RowsView Allocate(int rows, int width)
    {
        int stride = RowsView.StrideOf(width);
        MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D<float>((long)rows * stride);
        _buffers.Add(buffer);
        return new RowsView(buffer.View.BaseView, width, stride);
    }
}
