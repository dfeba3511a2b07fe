using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Winnow.GpuWorker.Devices;

/// <summary>Turns what drivers and the kernel compiler throw into one line that says what to do.</summary>
public static class DeviceFaults
{
    private const string CudaOutOfMemory = "CUDA_ERROR_OUT_OF_MEMORY";

    /// <summary>
    /// The failure in one line: an <see cref="InsufficientMemoryException"/> when an allocation failed and the device goes on working, otherwise a
    /// <see cref="DeviceException"/>; <see langword="null"/> when no device or compiler is behind it.
    /// </summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="device">The device's name.</param>
    public static Exception? Describe(Exception exception, string device) => exception switch
    {
        _ when IsOutOfMemory(exception) => new InsufficientMemoryException(
            $"Device '{device}' has no memory left ({Said(exception)}); load fewer layers or fewer KV blocks, or end what else uses the device.", exception),
        AcceleratorException lost => new DeviceException(Lost(device, ErrorOf(lost) + Said(lost)), exception),
        CapabilityNotSupportedException => new DeviceException(
            $"Device '{device}' lacks what a kernel needs: {Said(exception)}; use --device cpu, or a device with it.", exception),
        InternalCompilerException => new DeviceException(
            $"A kernel could not be compiled for device '{device}': {Said(exception.InnerException ?? exception)}; use --device cpu and report it.", exception),
        NotSupportedException => new DeviceException($"Device '{device}' is not supported: {Said(exception)}; install a newer driver, or use --device cpu.", exception),
        _ => null,
    };

    /// <summary>What is said of a device that has failed.</summary>
    /// <param name="device">Its name.</param>
    /// <param name="said">What the driver said, without a full stop.</param>
    internal static string Lost(string device, string said) =>
        $"Device '{device}' failed: {said}; this worker ends and its shards are placed elsewhere. When it happens again, look for the device in the system's log.";

    // Compilers and drivers write several lines, or a sentence, where this is a part of one.
    private static string Said(Exception exception) => string.Join(' ', exception.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    // The device goes on working.
    private static bool IsOutOfMemory(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        CudaException cuda => cuda.Error == CudaOutOfMemory,
        CLException openCl => openCl.Error is CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY,
        _ => false,
    };

    private static string ErrorOf(AcceleratorException exception) => exception switch
    {
        CudaException cuda => $"{cuda.Error}, ",
        CLException openCl => $"{openCl.Error}, ",
        _ => "",
    };
}
