using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Experts;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Rows;
using Winnow.GpuWorker.Kernels.Sampling;

namespace Winnow.GpuWorker.Devices;

/// <summary>The operations of a device that know nothing of a shard, loaded once for all of its shards.</summary>
/// <param name="accelerator">The device.</param>
/// <param name="variant">What the kernels are made of; the default for the best that the device has.</param>
internal sealed class DeviceKernels(Accelerator accelerator, KernelVariant? variant = null) : IDisposable
{
    /// <summary>The device.</summary>
    public Accelerator Accelerator { get; } = accelerator;

    /// <summary>What the kernels are made of.</summary>
    public KernelVariant Variant { get; } = variant ?? KernelVariants.Of(accelerator.Device);

    /// <summary>Whether copies move beside kernels. On OpenCL, where the host waits for queues as a whole, everything goes through one.</summary>
    public bool CopiesOverlap => Copies != Accelerator.DefaultStream;

    /// <summary>Where copies go: a stream of their own where they move beside kernels, else that of the kernels.</summary>
    public AcceleratorStream Copies { get; } = accelerator.AcceleratorType == AcceleratorType.OpenCL ? accelerator.DefaultStream : accelerator.CreateStream();

    /// <summary>Rows made ready for products.</summary>
    public PrepareOp Prepare { get; } = new(accelerator);

    /// <summary>Products with matrices.</summary>
    public MatMulOp Products { get; } = new(accelerator, variant);

    /// <summary>Results added to hidden states.</summary>
    public JoinOp Join { get; } = new(accelerator);

    /// <summary>Rows put without gaps.</summary>
    public GatherOp Gather { get; } = new(accelerator);

    /// <summary>Parts of several devices added up.</summary>
    public FoldOp Fold { get; } = new(accelerator);

    /// <summary>Experts chosen and summed.</summary>
    public ExpertsOp Experts { get; } = new(accelerator);

    /// <summary>Soft cap of logits.</summary>
    public LogitFinishOp LogitFinish { get; } = new(accelerator);

    /// <inheritdoc/>
    public void Dispose()
    {
        Products.Dispose();
        if (CopiesOverlap)
        {
            Copies.Dispose();
        }
    }
}
