using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class DeviceTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Accelerator_OfADevice_HasItsSizes()
    {
        Assert.Equal(AcceleratorType.CPU, Accelerator.AcceleratorType);
        Assert.Equal(CpuFixture.WarpSize, Accelerator.WarpSize);
        Assert.Equal(CpuFixture.MaxGroup, Accelerator.MaxNumThreadsPerGroup);
        Assert.Equal(2, Accelerator.NumMultiprocessors);
        Assert.True(Accelerator.MaxSharedMemoryPerGroup >= 48 << 10);
        Assert.True(Accelerator.MemorySize > 0);
        Assert.Same(Context, Accelerator.Context);
        Assert.Equal(AcceleratorType.CPU, Accelerator.Device.AcceleratorType);
    }

    [Fact]
    public void Context_WithOneCpuDevice_ListsThatDevice()
    {
        Device device = Assert.Single(Context.Devices);
        Assert.Equal(AcceleratorType.CPU, device.AcceleratorType);
        Assert.Equal(1, Context.GetCPUDevices().Count);
        Assert.Equal(CpuFixture.WarpSize, Context.GetCPUDevices()[0].WarpSize);
        Assert.Equal(0, Context.GetCudaDevices().Count);
        Assert.Equal(0, Context.GetCLDevices().Count);
        Assert.Same(device, Context.GetPreferredDevice(preferCPU: true));
    }

    [Fact]
    public void DefaultCpu_HasWarpsOfFour()
    {
        using Context context = Context.Create(builder => builder.DefaultCPU());
        using Accelerator sut = context.GetPreferredDevice(preferCPU: true).CreateAccelerator(context);
        Assert.Equal(4, sut.WarpSize);
        Assert.Equal(16, sut.MaxNumThreadsPerGroup);
    }

    [Fact]
    public void NvidiaCpu_HasTheSizesOfAGpu()
    {
        Assert.Equal(32, CPUDevice.Nvidia.WarpSize);
        Assert.Equal(1024, CPUDevice.Nvidia.MaxNumThreadsPerGroup);
    }

    [Fact]
    public void AllAccelerators_OnAnyMachine_HasACpuDevice()
    {
        using Context context = Context.Create(builder => builder.AllAccelerators());
        Assert.Contains(context.Devices, device => device.AcceleratorType == AcceleratorType.CPU);
    }

    [Fact]
    public void TwoAccelerators_OfOneContext_KeepTheirBuffersApart()
    {
        using Accelerator other = Context.CreateCPUAccelerator(0);
        using MemoryBuffer1D<int, Stride1D.Dense> mine = Accelerator.Allocate1D(Count(8));
        using MemoryBuffer1D<int, Stride1D.Dense> theirs = other.Allocate1D(new int[8]);
        Assert.Same(other, theirs.Accelerator);
        Assert.Equal(Count(8), mine.GetAsArray1D());
        Assert.Equal(new int[8], theirs.GetAsArray1D());
        Assert.True(Accelerator.CanAccessPeer(other));
    }

    [Fact]
    public void EnablePeerAccess_TwoAccelerators_CopyFromBufferToBuffer()
    {
        using Accelerator other = Context.CreateCPUAccelerator(0);
        using MemoryBuffer1D<int, Stride1D.Dense> mine = Accelerator.Allocate1D(Count(8));
        using MemoryBuffer1D<int, Stride1D.Dense> theirs = other.Allocate1D(new int[8]);
        Assert.True(Accelerator.EnablePeerAccess(other));
        mine.View.BaseView.CopyTo(Accelerator.DefaultStream, theirs.View.BaseView);
        Accelerator.DefaultStream.Synchronize();
        Assert.Equal(Count(8), theirs.GetAsArray1D());
    }
}
