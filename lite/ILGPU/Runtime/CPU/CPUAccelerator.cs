using System.Reflection;
using ILGPU.Compiler;
using ILGPU.Execution;

namespace ILGPU.Runtime.CPU;

/// <summary>
/// Runs kernels on the processor as a GPU would: in groups with barriers and shared memory, in warps with shuffles. A launch is done when the call
/// returns.
/// </summary>
public sealed class CPUAccelerator : Accelerator
{
    private const long SmallLaunchLanes = 512;
    private readonly RunnerPool _runners;

    internal CPUAccelerator(Context context, CPUDevice device, CPUAcceleratorMode mode)
        : base(context, device)
    {
        Mode = mode;
        _runners = new(device.MaxSharedMemoryPerGroup);
        DefaultStream = new CPUStream(this);
    }

    /// <summary>How the groups of a launch run.</summary>
    public CPUAcceleratorMode Mode { get; }

    /// <inheritdoc/>
    public override AcceleratorStream CreateStream() => new CPUStream(this);

    /// <inheritdoc/>
    public override TDelegate LoadKernel<TDelegate>(MethodInfo method)
        => KernelLauncher.Create<TDelegate>(this, CompiledKernel.Of(method, isImplicit: false), groupSize: 0);

    /// <inheritdoc/>
    public override TDelegate LoadAutoGroupedKernel<TDelegate>(MethodInfo method) => LoadImplicitlyGroupedKernel<TDelegate>(method, MaxNumThreadsPerGroup);

    /// <inheritdoc/>
    public override TDelegate LoadImplicitlyGroupedKernel<TDelegate>(MethodInfo method, int customGroupSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(customGroupSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(customGroupSize, MaxNumThreadsPerGroup);
        return KernelLauncher.Create<TDelegate>(this, CompiledKernel.Of(method, isImplicit: true), customGroupSize);
    }

    /// <inheritdoc/>
    public override bool CanAccessPeer(Accelerator otherAccelerator) => otherAccelerator is CPUAccelerator;

    internal void Launch(in LaunchPlan plan)
    {
        DeviceLoss.ThrowIfLost();
        long groups = plan.Groups;
        long lanes = groups * plan.Config.GroupDim.LongSize;
        if (lanes == 0)
        {
            return;
        }

        bool isAlone = Mode == CPUAcceleratorMode.Sequential || groups == 1 || (Mode == CPUAcceleratorMode.Auto && lanes <= SmallLaunchLanes);
        LaunchJob job = _runners.RentJob();
        try
        {
            job.Run(plan, isAlone ? 0 : (int)Math.Min(groups, Environment.ProcessorCount) - 1);
        }
        finally
        {
            _runners.ReturnJob(job);
        }
    }

    private protected override void DisposeAccelerator() => _runners.Dispose();
}
