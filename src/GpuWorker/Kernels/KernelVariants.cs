using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.GpuWorker.Kernels;

/// <summary>The variant of a device, and its name.</summary>
internal static class KernelVariants
{
    /// <summary>The best variant that a device has.</summary>
    public static KernelVariant Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return TensorCore.IsOn(device) ? KernelVariant.Tensor
            : device.AcceleratorType == AcceleratorType.Cuda ? KernelVariant.Dp4a : KernelVariant.Portable;
    }

    /// <summary>What people and the numerics id call it.</summary>
    public static string Name(this KernelVariant variant) => variant switch
    {
        KernelVariant.Tensor => "tensor",
        KernelVariant.Dp4a => "dp4a",
        _ => "portable",
    };
}
