using ILGPU.Runtime.Cuda;
using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

public sealed class CudaSupportTests
{
    [Fact]
    public void Problem_AKnownDevice_HasNone()
    {
        CudaArchitecture hopper = new(9, 0);

        Assert.Null(CudaSupport.Problem(hopper, hasPtx: true, "13.0"));
        Assert.Null(CudaSupport.Remark(hopper));
        Assert.Equal("9.0", CudaSupport.NameOf(hopper));
    }

    [Fact]
    public void Problem_ADriverWithoutUsablePtx_NamesItAndSaysToInstallANewerOne()
    {
        string? sut = CudaSupport.Problem(new CudaArchitecture(8, 0), hasPtx: false, "9.1");

        Assert.Equal("its driver (9.1) takes no PTX that the compiler can write; install a newer driver.", sut);
        Assert.Equal(sut, CudaSupport.Problem(null, hasPtx: true, "9.1"));
    }

    [Fact]
    public void Problem_AnOldDevice_SaysWhatIsNeeded()
        => Assert.Equal("capability 6.0 has no integer dot products; 6.1 or newer is needed, use another device or --device cpu.", CudaSupport.Problem(new CudaArchitecture(6, 0), true, "12.4"));

    [Fact]
    public void Remark_ADeviceNewerThanTheCompiler_SaysWhatItRuns()
    {
        CudaArchitecture unknown = new(13, 0);

        Assert.Null(CudaSupport.Problem(unknown, hasPtx: true, "14.0"));
        Assert.Equal("capability 13.0 is newer than the compiler knows (12.1); it runs the code of an older one.", CudaSupport.Remark(unknown));
    }
}
