using System.Reflection;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using Winnow.Kernels.Ptx.Tests.Machine;

namespace Winnow.Kernels.Ptx.Tests.Runtime;

/// <summary>A kernel's PTX, read once and run at every launch.</summary>
internal sealed class PtxKernel(Accelerator accelerator, PTXCompiledKernel kernel, MethodInfo launcher) : Kernel(accelerator, kernel, launcher)
{
    private readonly PtxProgram _program = new(kernel.PTXAssembly);

    /// <summary>Runs every group of a launch, one after another.</summary>
    public void Run(KernelConfig config, object[] parameters)
    {
        if (config.GroupDim.Size > Accelerator.MaxNumThreadsPerGroup)
        {
            throw new ArgumentOutOfRangeException(nameof(config), "The group is larger than the device allows.");
        }

        var arguments = new PtxArguments();
        List<byte[]> bytes = [.. parameters.Select(arguments.Write)];
        var launch = new PtxLaunch(config.GridDim, config.GroupDim, config.SharedMemoryConfig.ArraySize, bytes, arguments.Views);
        for (int z = 0; z < config.GridDim.Z; z++)
        {
            for (int y = 0; y < config.GridDim.Y; y++)
            {
                for (int x = 0; x < config.GridDim.X; x++)
                {
                    new PtxGroup(_program, launch, new Index3D(x, y, z)).Run();
                }
            }
        }
    }

    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }
}
