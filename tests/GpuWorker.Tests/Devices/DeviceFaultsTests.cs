using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

/// <summary>Whatever drivers and compilers throw is one line that names the device, what was found and what to do.</summary>
public sealed class DeviceFaultsTests
{
    public static TheoryData<Exception, string, string> Lost => new()
    {
        { new CudaException("an illegal memory access\nwas encountered."), "failed", "in the system's log" },
        { new CLException((CLError)(-2)), "failed: ", "in the system's log" },
        { new CapabilityNotSupportedException("atomics of floats."), "lacks what a kernel needs: atomics of floats; use", "--device cpu" },
        { new InternalCompilerException("failed", new NotSupportedException("an array\r\n  at Foo()")), "could not be compiled", "an array at Foo(); use --device cpu" },
        { new NotSupportedException("PTX 9"), "is not supported: PTX 9", "install a newer driver" },
    };

    public static TheoryData<Exception> OutOfMemory => [new OutOfMemoryException("no room"), new CLException(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE)];

    [Theory]
    [MemberData(nameof(Lost))]
    public void Describe_ADeviceThatCannotGoOn_IsOneLineThatSaysWhatToDo(Exception thrown, string found, string advice)
    {
        DeviceException sut = Assert.IsType<DeviceException>(DeviceFaults.Describe(thrown, "cuda:1"));

        Assert.DoesNotContain('\n', sut.Message);
        Assert.Contains("'cuda:1'", sut.Message, StringComparison.Ordinal);
        Assert.Contains(found, sut.Message, StringComparison.Ordinal);
        Assert.Contains(advice, sut.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", sut.Message, StringComparison.Ordinal);
        Assert.Same(thrown, sut.InnerException);
    }

    [Theory]
    [MemberData(nameof(OutOfMemory))]
    public void Describe_NoMemoryLeft_LeavesTheDeviceToGoOn(Exception thrown)
    {
        InsufficientMemoryException sut = Assert.IsType<InsufficientMemoryException>(DeviceFaults.Describe(thrown, "cuda:0"));

        Assert.Contains("'cuda:0' has no memory left", sut.Message, StringComparison.Ordinal);
        Assert.Contains("fewer KV blocks", sut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_SomethingElse_IsLeftAlone() => Assert.Null(DeviceFaults.Describe(new InvalidOperationException("x"), "cuda:0"));
}
