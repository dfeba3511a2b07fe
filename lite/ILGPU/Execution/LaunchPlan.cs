using ILGPU.Compiler;

namespace ILGPU.Execution;

/// <summary>A launch.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Config">The grid, the group and the dynamic shared memory.</param>
/// <param name="Extent">The extent of an implicitly grouped kernel.</param>
/// <param name="WarpSize">The lanes of a warp.</param>
/// <param name="Arguments">The arguments, laid out as <see cref="ArgumentLayout"/> says; they live until the launch is done.</param>
internal readonly record struct LaunchPlan(CompiledKernel Kernel, KernelConfig Config, Index3D Extent, int WarpSize, nint Arguments)
{
    internal long Groups => Config.GridDim.LongSize;
}
