using System.Collections.Immutable;
using System.Numerics;

namespace ILGPU.Runtime.CPU;

/// <summary>A device that the CPU accelerator imitates: its warp size and its largest group.</summary>
public sealed class CPUDevice : Device
{
    /// <summary>Warps of 4, groups of 16.</summary>
    public static readonly CPUDevice Default = new(4, 4, 1);

    /// <summary>Warps of 32, groups of 1024.</summary>
    public static readonly CPUDevice Nvidia = new(32, 32, 1);

    /// <summary>Warps of 32, groups of 256.</summary>
    public static readonly CPUDevice AMD = new(32, 8, 1);

    /// <summary>Warps of 64, groups of 256.</summary>
    public static readonly CPUDevice LegacyAMD = new(64, 4, 1);

    /// <summary>Warps of 16, groups of 128.</summary>
    public static readonly CPUDevice Intel = new(16, 8, 1);

    /// <summary>The devices of <see cref="CPUDeviceKind"/>, in its order.</summary>
    public static readonly ImmutableArray<CPUDevice> All = [Default, Nvidia, AMD, LegacyAMD, Intel];

    private const int SharedMemoryBytes = 48 * 1024;

    /// <summary>A device.</summary>
    /// <param name="numThreadsPerWarp">The warp size, at least 2.</param>
    /// <param name="numWarpsPerMultiprocessor">The warps of the largest group, a power of two.</param>
    /// <param name="numMultiprocessors">The multiprocessors, at least 1; this edition only reports them.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside these limits, or a group would have over 32767 lanes.</exception>
    public CPUDevice(int numThreadsPerWarp, int numWarpsPerMultiprocessor, int numMultiprocessors)
        : base(AcceleratorType.CPU)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numThreadsPerWarp, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(numMultiprocessors, 1);
        if (!BitOperations.IsPow2(numWarpsPerMultiprocessor) || (long)numThreadsPerWarp * numWarpsPerMultiprocessor > short.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(numWarpsPerMultiprocessor),
                $"'{numWarpsPerMultiprocessor}' warps of {numThreadsPerWarp} lanes are no group; give a power of two and at most {short.MaxValue} lanes.");
        }

        Name = nameof(CPUAccelerator);
        WarpSize = numThreadsPerWarp;
        MaxNumThreadsPerGroup = numThreadsPerWarp * numWarpsPerMultiprocessor;
        MaxNumThreadsPerMultiprocessor = MaxNumThreadsPerGroup;
        NumMultiprocessors = numMultiprocessors;
        MaxGroupSize = new Index3D(MaxNumThreadsPerGroup);
        MaxGridSize = new Index3D(int.MaxValue, ushort.MaxValue, ushort.MaxValue);
        MemorySize = long.MaxValue;
        MaxSharedMemoryPerGroup = SharedMemoryBytes;
        MaxConstantMemory = int.MaxValue;
    }

    /// <summary>The lanes of all multiprocessors.</summary>
    public int NumThreads => MaxNumThreads;

    /// <summary>The device of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>The device.</returns>
    public static CPUDevice GetDevice(CPUDeviceKind kind)
        => Enum.IsDefined(kind) ? All[(int)kind] : throw new ArgumentOutOfRangeException(nameof(kind));

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => CreateCPUAccelerator(context);

    /// <summary>An accelerator for this device.</summary>
    /// <param name="context">The context.</param>
    /// <returns>The accelerator.</returns>
    public CPUAccelerator CreateCPUAccelerator(Context context) => CreateCPUAccelerator(context, CPUAcceleratorMode.Auto);

    /// <summary>An accelerator for this device.</summary>
    /// <param name="context">The context.</param>
    /// <param name="mode">How it runs the groups of a launch.</param>
    /// <returns>The accelerator.</returns>
    public CPUAccelerator CreateCPUAccelerator(Context context, CPUAcceleratorMode mode) => new(context, this, mode);
}
