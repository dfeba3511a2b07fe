using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("auto", DeviceKind.Auto, 0, "auto")]
    [InlineData("CPU", DeviceKind.Cpu, 0, "cpu")]
    [InlineData("cuda", DeviceKind.Cuda, 0, "cuda:0")]
    [InlineData("cuda:3", DeviceKind.Cuda, 3, "cuda:3")]
    [InlineData("OpenCL:1", DeviceKind.OpenCl, 1, "opencl:1")]
    [InlineData("ilgpu-cpu", DeviceKind.IlgpuCpu, 0, "ilgpu-cpu")]
    public void TryParse_AName_GivesTheDevice(string name, DeviceKind kind, int index, string written)
    {
        Assert.True(DeviceChoice.TryParse(name, out DeviceChoice choice));
        Assert.Equal(new DeviceChoice(kind, index), choice);
        Assert.Equal(written, choice.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:64")]
    [InlineData("cuda:1:2")]
    [InlineData("cpu:0")]
    [InlineData("cuda: 1")]
    public void TryParse_AnythingElse_IsRefused(string? name) => Assert.False(DeviceChoice.TryParse(name, out _));
}
