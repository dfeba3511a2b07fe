using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels;

/// <summary>Threads of a group, for kernels whose results do not depend on them.</summary>
internal static class GroupSize
{
    // A CPU accelerator runs the threads of a group one after another: few of them cost least.
    private const int CpuThreads = 4;

    /// <summary>The wanted number on a GPU, a few on a CPU accelerator; never more than the device allows.</summary>
    public static int Of(Accelerator accelerator, int wanted) =>
        accelerator.AcceleratorType == AcceleratorType.CPU ? CpuThreads : Math.Min(wanted, accelerator.MaxNumThreadsPerGroup);
}
