namespace ILGPU.Runtime;

/// <summary>A device that an accelerator can be made for.</summary>
public abstract class Device
{
    private protected Device(AcceleratorType acceleratorType)
    {
        AcceleratorType = acceleratorType;
    }

    /// <summary>The kind of accelerator.</summary>
    public AcceleratorType AcceleratorType { get; }

    /// <summary>The name of the device.</summary>
    public string Name { get; protected set; } = "<Unknown>";

    /// <summary>The memory in bytes.</summary>
    public long MemorySize { get; protected set; }

    /// <summary>The largest grid, in groups.</summary>
    public Index3D MaxGridSize { get; protected set; }

    /// <summary>The largest group in each direction, in lanes.</summary>
    public Index3D MaxGroupSize { get; protected set; }

    /// <summary>The most lanes of a group.</summary>
    public int MaxNumThreadsPerGroup { get; protected set; }

    /// <summary>The most bytes of shared memory of a group.</summary>
    public int MaxSharedMemoryPerGroup { get; protected set; }

    /// <summary>The constant memory in bytes.</summary>
    public int MaxConstantMemory { get; protected set; }

    /// <summary>The lanes of a warp.</summary>
    public int WarpSize { get; protected set; }

    /// <summary>The multiprocessors.</summary>
    public int NumMultiprocessors { get; protected set; }

    /// <summary>The most lanes of a multiprocessor.</summary>
    public int MaxNumThreadsPerMultiprocessor { get; protected set; }

    /// <summary>The most lanes of the device.</summary>
    public int MaxNumThreads => NumMultiprocessors * MaxNumThreadsPerMultiprocessor;

    /// <summary>An accelerator for this device.</summary>
    /// <param name="context">The context.</param>
    /// <returns>The accelerator.</returns>
    public abstract Accelerator CreateAccelerator(Context context);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} [Type: {AcceleratorType}, WarpSize: {WarpSize}, MaxNumThreadsPerGroup: {MaxNumThreadsPerGroup}, MemorySize: {MemorySize}]";
}
