namespace ILGPU.Runtime;

/// <summary>Allocates pinned host memory.</summary>
public static class PageLockedArrayExtensions
{
    /// <summary>Allocates pinned host memory of zeros.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="extent">The number of elements.</param>
    /// <returns>The memory.</returns>
    public static PageLockedArray1D<T> AllocatePageLocked1D<T>(this Accelerator accelerator, LongIndex1D extent)
        where T : unmanaged
        => new(accelerator, extent, uninitialized: false);

    /// <summary>Allocates pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="extent">The number of elements.</param>
    /// <param name="uninitialized">Whether its contents do not matter.</param>
    /// <returns>The memory.</returns>
    public static PageLockedArray1D<T> AllocatePageLocked1D<T>(this Accelerator accelerator, LongIndex1D extent, bool uninitialized)
        where T : unmanaged
        => new(accelerator, extent, uninitialized);
}
