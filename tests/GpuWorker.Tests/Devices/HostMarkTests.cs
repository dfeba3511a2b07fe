using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

/// <summary>Marks for accelerators other than CUDA's are waited for by the host.</summary>
public sealed class HostMarkTests : IDisposable
{
    private readonly DeviceCatalog _catalog = new();
    private readonly Accelerator _accelerator;

    public HostMarkTests() => _accelerator = _catalog.Open(_catalog.Resolve(new DeviceChoice(DeviceKind.IlgpuCpu)));

    [Fact]
    public void For_AnAcceleratorThatIsNotCuda_IsWaitedForByTheHost()
    {
        using StreamMark sut = StreamMark.For(_accelerator);

        Assert.IsType<HostMark>(sut);
    }

    [Fact]
    public void HoldBack_AnotherStream_WaitsForTheFirstAndOnlyOnce()
    {
        using HostMark sut = new();
        AcceleratorStream marked = _accelerator.CreateStream();
        sut.Set(marked);
        // A stream that is gone cannot be waited for, which tells whether it was asked.
        marked.Dispose();

        sut.HoldBack(marked);
        Assert.Throws<ObjectDisposedException>(() => sut.HoldBack(_accelerator.DefaultStream));

        sut.Set(_accelerator.DefaultStream);
        sut.Wait();
        sut.HoldBack(marked);
        sut.Wait();
    }

    public void Dispose()
    {
        _accelerator.Dispose();
        _catalog.Dispose();
    }
}
