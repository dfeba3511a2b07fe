using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Tests.Devices;

/// <summary>Which functions of NVIDIA's driver are called, with what, and what is said when they fail; a driver of the test's own stands for it.</summary>
public sealed unsafe class CudaDriverTests
{
    private static readonly List<string> Calls = [];
    private static int _result;

    public CudaDriverTests()
    {
        Calls.Clear();
        _result = 0;
    }

    [Fact]
    public void Marks_SetAndWaitedFor_CallTheDriverWithItsArgumentsInOrder()
    {
        CudaDriver sut = new(Export);

        nint made = sut.CreateEvent("x");
        sut.Record(made, 7, "x");
        sut.HoldBack(9, made, "x");
        sut.Wait(made, "x");
        sut.Destroy(made);

        Assert.Equal(["create, flags 2", "record 41 in 7", "hold 9 until 41, flags 0", "wait for 41", "destroy 41"], Calls);
    }

    [Fact]
    public void Marks_RefusedByTheDriver_SayDeviceErrorAndCallAndWhatToDo()
    {
        CudaDriver sut = new(Export);
        _result = 719;

        Action[] calls = [() => sut.CreateEvent("x"), () => sut.Record(1, 2, "x"), () => sut.HoldBack(1, 2, "x"), () => sut.Wait(1, "x")];
        string[] names = ["cuEventCreate", "cuEventRecord", "cuStreamWaitEvent", "cuEventSynchronize"];

        foreach ((Action call, string name) in calls.Zip(names))
        {
            DeviceException exception = Assert.Throws<DeviceException>(call);
            Assert.StartsWith($"Device 'x' failed: CUDA_ERROR_LAUNCH_FAILED, {name}; this worker ends", exception.Message, StringComparison.Ordinal);
            Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Destroy_OfALostDevice_SaysNothing()
    {
        CudaDriver sut = new(Export);
        _result = 719;

        sut.Destroy(41);

        Assert.Equal(["destroy 41"], Calls);
    }

    [Fact]
    public void Check_AnErrorThatTheDriverCannotName_IsNamedByItsNumber()
    {
        CudaDriver sut = new(Export);
        _result = 12345;

        Assert.Contains("failed: error 12345, cuEventSynchronize;", Assert.Throws<DeviceException>(() => sut.Wait(1, "x")).Message, StringComparison.Ordinal);
    }

    private static nint Export(string name) => name switch
    {
        "cuEventCreate" => (nint)(delegate* unmanaged<nint*, uint, int>)&Create,
        "cuEventRecord" => (nint)(delegate* unmanaged<nint, nint, int>)&Record,
        "cuStreamWaitEvent" => (nint)(delegate* unmanaged<nint, nint, uint, int>)&Hold,
        "cuEventSynchronize" => (nint)(delegate* unmanaged<nint, int>)&Wait,
        "cuEventDestroy_v2" => (nint)(delegate* unmanaged<nint, int>)&Destroy,
        "cuGetErrorName" => (nint)(delegate* unmanaged<int, byte**, int>)&NameOf,
        _ => throw new EntryPointNotFoundException(name),
    };

    private static int Said(string call)
    {
        Calls.Add(call);
        return _result;
    }

    [UnmanagedCallersOnly]
    private static int Create(nint* made, uint flags)
    {
        *made = 41;
        return Said($"create, flags {flags}");
    }

    [UnmanagedCallersOnly]
    private static int Record(nint made, nint stream) => Said($"record {made} in {stream}");

    [UnmanagedCallersOnly]
    private static int Hold(nint stream, nint made, uint flags) => Said($"hold {stream} until {made}, flags {flags}");

    [UnmanagedCallersOnly]
    private static int Wait(nint made) => Said($"wait for {made}");

    [UnmanagedCallersOnly]
    private static int Destroy(nint made) => Said($"destroy {made}");

    [UnmanagedCallersOnly]
    private static int NameOf(int error, byte** name)
    {
        *name = error == 719 ? (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("CUDA_ERROR_LAUNCH_FAILED\0"u8)) : null;
        return error == 719 ? 0 : 1;
    }
}
