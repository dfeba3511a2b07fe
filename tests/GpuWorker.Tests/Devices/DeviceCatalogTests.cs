using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

public sealed class DeviceCatalogTests
{
    [Fact]
    public void Devices_AnyMachine_BeginWithTheProcessor()
    {
        using DeviceCatalog sut = new();
        DeviceDescription first = sut.Devices[0];
        Assert.Equal(DeviceKind.Cpu, first.Choice.Kind);
        Assert.True(first.MemoryBytes > 0);
        Assert.Null(first.Problem);
    }

    [Fact]
    public void Resolve_ADeviceThatIsNotThere_NamesThoseThatAre()
    {
        using DeviceCatalog sut = new();
        DeviceException exception = Assert.Throws<DeviceException>(() => sut.Resolve(new DeviceChoice(DeviceKind.Cuda, 63)));
        Assert.Contains("'cuda:63'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'cpu'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TheEmulatedDevice_HasWarpsOf32()
    {
        using DeviceCatalog sut = new();
        using var accelerator = sut.Open(sut.Resolve(new DeviceChoice(DeviceKind.IlgpuCpu)));
        Assert.Equal(32, accelerator.WarpSize);
    }
}
