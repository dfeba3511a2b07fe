using System.Globalization;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Devices;

/// <summary>What keeps a CUDA device from being used, or should be known of it, as far as compiler and kernels are concerned.</summary>
internal static class CudaSupport
{
    // The newest compute capability that the compiler of ILGPU 1.5.3 was made for.
    private static readonly CudaArchitecture NewestKnown = new(12, 1);

    // The oldest with integer dot products.
    private static readonly CudaArchitecture OldestUsed = new(6, 1);

    /// <summary>A capability as NVIDIA writes it; empty for none.</summary>
    public static string NameOf(CudaArchitecture? architecture) =>
        architecture is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.Major}.{known.Minor}") : "";

    /// <summary>Why the device cannot be used and what to do, one line; <see langword="null"/> when it can.</summary>
    /// <param name="architecture">Compute capability; null when the compiler has none for it.</param>
    /// <param name="hasPtx">Driver and compiler have a version of PTX in common.</param>
    /// <param name="driver">Version of the driver.</param>
    public static string? Problem(CudaArchitecture? architecture, bool hasPtx, string driver) =>
        architecture is not { } known || !hasPtx ? $"its driver ({driver}) takes no PTX that the compiler can write; install a newer driver."
        : OldestUsed > known ? $"capability {NameOf(known)} has no integer dot products; 6.1 or newer is needed, use another device or --device cpu."
        : null;

    /// <summary>What a user should know of a device that can be used; <see langword="null"/> when there is nothing.</summary>
    public static string? Remark(CudaArchitecture? architecture) => architecture is { } known && known > NewestKnown
        ? $"capability {NameOf(known)} is newer than the compiler knows ({NameOf(NewestKnown)}); it runs the code of an older one."
        : null;
}
