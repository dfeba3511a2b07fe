using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Devices;

/// <summary>What is called of NVIDIA's driver by its C interface, because ILGPU has no call for it: events that streams wait for (CUDA driver API, "Event Management").</summary>
internal sealed unsafe class CudaDriver
{
    // No times are taken, which makes events cheaper: CU_EVENT_DISABLE_TIMING.
    private const uint WithoutTime = 2;
    private static readonly Lazy<CudaDriver> Loaded = new(Load);
    private readonly delegate* unmanaged<nint*, uint, int> _create;
    private readonly delegate* unmanaged<nint, nint, int> _record;
    private readonly delegate* unmanaged<nint, nint, uint, int> _hold;
    private readonly delegate* unmanaged<nint, int> _wait;
    private readonly delegate* unmanaged<nint, int> _destroy;
    private readonly delegate* unmanaged<int, byte**, int> _nameOf;

    /// <summary>Finds the calls.</summary>
    /// <param name="export">Address of a function of the driver.</param>
    public CudaDriver(Func<string, nint> export)
    {
        _create = (delegate* unmanaged<nint*, uint, int>)export("cuEventCreate");
        _record = (delegate* unmanaged<nint, nint, int>)export("cuEventRecord");
        _hold = (delegate* unmanaged<nint, nint, uint, int>)export("cuStreamWaitEvent");
        _wait = (delegate* unmanaged<nint, int>)export("cuEventSynchronize");
        _destroy = (delegate* unmanaged<nint, int>)export("cuEventDestroy_v2");
        _nameOf = (delegate* unmanaged<int, byte**, int>)export("cuGetErrorName");
    }

    /// <summary>The driver of this machine.</summary>
    /// <exception cref="DeviceException">There is none, or it is too old.</exception>
    public static CudaDriver Installed => Loaded.Value;

    /// <summary>Makes an event of the bound device.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public nint CreateEvent(string device)
    {
        nint made;
        Check(_create(&made, WithoutTime), "cuEventCreate", device);
        return made;
    }

    /// <summary>The event is when a stream has done what it has now.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public void Record(nint made, nint stream, string device) => Check(_record(made, stream), "cuEventRecord", device);

    /// <summary>A stream goes on when the event was.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public void HoldBack(nint stream, nint made, string device) => Check(_hold(stream, made, 0), "cuStreamWaitEvent", device);

    /// <summary>The host waits for the event.</summary>
    /// <exception cref="DeviceException">The device is lost.</exception>
    public void Wait(nint made, string device) => Check(_wait(made), "cuEventSynchronize", device);

    /// <summary>Gives an event back. What the driver says is not asked: the device may be lost by then.</summary>
    public void Destroy(nint made) => _ = _destroy(made);

    private static CudaDriver Load()
    {
        string name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        try
        {
            nint library = NativeLibrary.Load(name);
            return new CudaDriver(export => NativeLibrary.GetExport(library, export));
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new DeviceException($"NVIDIA's driver '{name}' lacks what copies beside kernels need: {exception.Message.TrimEnd('.')}; install a newer driver, or use --device cpu.", exception);
        }
    }

    private void Check(int result, string call, string device)
    {
        if (result == 0)
        {
            return;
        }
        byte* name = null;
        string said = _nameOf(result, &name) == 0 && name is not null ? Marshal.PtrToStringUTF8((nint)name)! : $"error {result}";
        throw new DeviceException(DeviceFaults.Lost(device, $"{said}, {call}"));
    }
}
