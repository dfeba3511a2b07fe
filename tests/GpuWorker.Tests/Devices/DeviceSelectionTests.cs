using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

public sealed class DeviceSelectionTests
{
    [Theory]
    [InlineData("auto", "auto", 1)]
    [InlineData("cuda", "cuda:0", 1)]
    [InlineData("cuda:0+CUDA:1", "cuda:0+cuda:1", 2)]
    [InlineData("ilgpu-cpu+ilgpu-cpu+ilgpu-cpu+ilgpu-cpu", "ilgpu-cpu+ilgpu-cpu+ilgpu-cpu+ilgpu-cpu", 4)]
    public void TryParse_OneTwoOrFourDevices_GivesThemInOrder(string name, string written, int devices)
    {
        Assert.True(DeviceSelection.TryParse(name, out DeviceSelection? sut));
        Assert.Equal(written, sut.ToString());
        Assert.Equal(devices, sut.Choices.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("cuda:0+")]
    [InlineData("cuda:0+cuda:1+cuda:2")]
    [InlineData("cuda:0+opencl:0")]
    [InlineData("cpu+cpu")]
    [InlineData("auto+auto")]
    public void TryParse_OtherCountsOrKinds_IsRefused(string? name) => Assert.False(DeviceSelection.TryParse(name, out _));

    [Fact]
    public void Resolve_ADeviceNamedTwice_HasItsMemoryOnceAndBothNames()
    {
        using DeviceCatalog catalog = new();
        DeviceSelection.TryParse("ilgpu-cpu+ilgpu-cpu", out DeviceSelection? selection);
        DeviceDescription one = catalog.Resolve(new DeviceChoice(DeviceKind.IlgpuCpu));
        DeviceDescription sut = catalog.Resolve(selection!);
        Assert.Equal("ilgpu-cpu+ilgpu-cpu", sut.Name);
        Assert.StartsWith("2 x ", sut.Model, StringComparison.Ordinal);
        Assert.InRange(sut.MemoryBytes, one.MemoryBytes / 2, one.MemoryBytes * 3 / 2);
    }

    [Fact]
    public void Together_DevicesOfDifferentModels_NamesBoth()
    {
        DeviceDescription first = Described(0, "A");
        DeviceException exception = Assert.Throws<DeviceException>(() => DeviceCatalog.Together([first, Described(1, "B")]));
        Assert.Contains("'cuda:0' is 'A', 'cuda:1' is 'B'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2 * first.MemoryBytes, DeviceCatalog.Together([first, Described(1, "A")]).MemoryBytes);
    }

    private static DeviceDescription Described(int index, string model) => new()
    {
        Choice = new DeviceChoice(DeviceKind.Cuda, index),
        Model = model,
        MemoryBytes = 1000 + index,
        Processors = 4,
        Kernels = "dp4a",
    };
}
