namespace Winnow.GpuWorker.Devices;

/// <summary>A device of this machine as people and the cluster see it.</summary>
public sealed record DeviceDescription
{
    /// <summary>How <c>--device</c> names it; of several devices, the first.</summary>
    public required DeviceChoice Choice { get; init; }

    /// <summary>The devices that share every layer of one worker, in the order of their ranks; empty for one device.</summary>
    public IReadOnlyList<DeviceChoice> Shared { get; init; } = [];

    /// <summary>How many devices share every layer; 1 for one.</summary>
    public int Devices => Math.Max(1, Shared.Count);

    /// <summary>The name that <c>--device</c> takes for it, or for all of them.</summary>
    public string Name => Shared.Count == 0 ? Choice.ToString() : string.Join('+', Shared);

    /// <summary>The maker's name for it.</summary>
    public required string Model { get; init; }

    /// <summary>Memory in bytes; of the processor, what this process may use.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Compute capability of a CUDA device; empty for others.</summary>
    public string Capability { get; init; } = "";

    /// <summary>Version of the CUDA driver, name of the OpenCL driver; empty where there is none.</summary>
    public string Driver { get; init; } = "";

    /// <summary>Multiprocessors, or processor cores.</summary>
    public required int Processors { get; init; }

    /// <summary>Which variants of the kernels run on it.</summary>
    public required string Kernels { get; init; }

    /// <summary>Why it cannot be used and what to do, one line; <see langword="null"/> when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>What a user should know though the device can be used, one line; <see langword="null"/> when there is nothing.</summary>
    public string? Remark { get; init; }
}
