namespace ILGPU;

/// <summary>The grid, the group and the dynamic shared memory of a launch.</summary>
public readonly struct KernelConfig
{
    /// <summary>A launch with one dimension.</summary>
    /// <param name="gridDim">The groups.</param>
    /// <param name="groupDim">The lanes of a group.</param>
    public KernelConfig(Index1D gridDim, Index1D groupDim)
        : this(gridDim, groupDim, default)
    {
    }

    /// <summary>A launch with one dimension.</summary>
    /// <param name="gridDim">The groups.</param>
    /// <param name="groupDim">The lanes of a group.</param>
    /// <param name="sharedMemoryConfig">The dynamic shared memory.</param>
    public KernelConfig(Index1D gridDim, Index1D groupDim, SharedMemoryConfig sharedMemoryConfig)
        : this(new Index3D(gridDim.X, 1, 1), new Index3D(groupDim.X, 1, 1), sharedMemoryConfig)
    {
    }

    /// <summary>A launch with two dimensions.</summary>
    /// <param name="gridDim">The groups.</param>
    /// <param name="groupDim">The lanes of a group.</param>
    public KernelConfig(Index2D gridDim, Index2D groupDim)
        : this(gridDim, groupDim, default)
    {
    }

    /// <summary>A launch with two dimensions.</summary>
    /// <param name="gridDim">The groups.</param>
    /// <param name="groupDim">The lanes of a group.</param>
    /// <param name="sharedMemoryConfig">The dynamic shared memory.</param>
    public KernelConfig(Index2D gridDim, Index2D groupDim, SharedMemoryConfig sharedMemoryConfig)
        : this(new Index3D(gridDim.X, gridDim.Y, 1), new Index3D(groupDim.X, groupDim.Y, 1), sharedMemoryConfig)
    {
    }

    /// <summary>A launch with three dimensions.</summary>
    /// <param name="gridDim">The groups.</param>
    /// <param name="groupDim">The lanes of a group.</param>
    public KernelConfig(Index3D gridDim, Index3D groupDim)
        : this(gridDim, groupDim, default)
    {
    }

    /// <summary>A launch with three dimensions.</summary>
    /// <param name="gridDimX">The groups in X.</param>
    /// <param name="gridDimY">The groups in Y.</param>
    /// <param name="gridDimZ">The groups in Z.</param>
    /// <param name="groupDimX">The lanes of a group in X.</param>
    /// <param name="groupDimY">The lanes of a group in Y.</param>
    /// <param name="groupDimZ">The lanes of a group in Z.</param>
    public KernelConfig(int gridDimX, int gridDimY, int gridDimZ, int groupDimX, int groupDimY, int groupDimZ)
        : this(new Index3D(gridDimX, gridDimY, gridDimZ), new Index3D(groupDimX, groupDimY, groupDimZ), default)
    {
    }

    /// <summary>A launch with three dimensions.</summary>
    /// <param name="gridDim">The groups.</param>
    /// <param name="groupDim">The lanes of a group.</param>
    /// <param name="sharedMemoryConfig">The dynamic shared memory.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    public KernelConfig(Index3D gridDim, Index3D groupDim, SharedMemoryConfig sharedMemoryConfig)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(gridDim.X, Math.Min(gridDim.Y, gridDim.Z)), nameof(gridDim));
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(groupDim.X, Math.Min(groupDim.Y, groupDim.Z)), nameof(groupDim));
        GridDim = gridDim;
        GroupDim = groupDim;
        SharedMemoryConfig = sharedMemoryConfig;
    }

    /// <summary>The groups.</summary>
    public Index3D GridDim { get; }

    /// <summary>The lanes of a group.</summary>
    public Index3D GroupDim { get; }

    /// <summary>The dynamic shared memory.</summary>
    public SharedMemoryConfig SharedMemoryConfig { get; }

    /// <summary>Whether there is dynamic shared memory.</summary>
    public bool UsesDynamicSharedMemory => SharedMemoryConfig.UsesDynamicSharedMemory;

    /// <summary>Whether there is a lane to run.</summary>
    public bool IsValid => Size > 0;

    /// <summary>The lanes of all groups.</summary>
    public long Size => GridDim.LongSize * GroupDim.LongSize;

    /// <summary>A launch with one dimension.</summary>
    /// <param name="dimensions">The groups and the lanes of a group.</param>
    public static implicit operator KernelConfig((Index1D Grid, Index1D Group) dimensions) => new(dimensions.Grid, dimensions.Group);

    /// <summary>A launch of groups with one dimension.</summary>
    /// <param name="dimensions">The groups and the lanes of a group.</param>
    public static implicit operator KernelConfig((Index3D Grid, Index1D Group) dimensions) => new(dimensions.Grid, new Index3D(dimensions.Group.X, 1, 1));

    /// <summary>A launch of groups with two dimensions.</summary>
    /// <param name="dimensions">The groups and the lanes of a group.</param>
    public static implicit operator KernelConfig((Index3D Grid, Index2D Group) dimensions)
        => new(dimensions.Grid, new Index3D(dimensions.Group.X, dimensions.Group.Y, 1));

    /// <summary>A launch with two dimensions.</summary>
    /// <param name="dimensions">The groups and the lanes of a group.</param>
    public static implicit operator KernelConfig((Index2D Grid, Index2D Group) dimensions) => new(dimensions.Grid, dimensions.Group);

    /// <summary>A launch with three dimensions.</summary>
    /// <param name="dimensions">The groups and the lanes of a group.</param>
    public static implicit operator KernelConfig((Index3D Grid, Index3D Group) dimensions) => new(dimensions.Grid, dimensions.Group);

    /// <summary>A launch with one dimension and dynamic shared memory.</summary>
    /// <param name="dimensions">The groups, the lanes of a group and the dynamic shared memory.</param>
    public static implicit operator KernelConfig((Index1D Grid, Index1D Group, SharedMemoryConfig Shared) dimensions)
        => new(dimensions.Grid, dimensions.Group, dimensions.Shared);

    /// <summary>A launch with three dimensions and dynamic shared memory.</summary>
    /// <param name="dimensions">The groups, the lanes of a group and the dynamic shared memory.</param>
    public static implicit operator KernelConfig((Index3D Grid, Index3D Group, SharedMemoryConfig Shared) dimensions)
        => new(dimensions.Grid, dimensions.Group, dimensions.Shared);
}
