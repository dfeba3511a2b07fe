using ILGPU.Compiler;
using ILGPU.Execution;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>Memory that the lanes of a group share. It is filled with 0xFF, floats are NaN, so that a kernel that forgets to initialise is noticed.</summary>
public static class SharedMemory
{
    /// <summary>The memory of this place in the code, the same for all lanes of a group.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="extent">The number of elements, the same for all lanes.</param>
    /// <returns>The view.</returns>
    [MemorySite(nameof(KernelMemory.Shared))]
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>The memory of this place in the code, the same for all lanes of a group.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="extent">The number of elements, the same for all lanes.</param>
    /// <returns>The view.</returns>
    public static ArrayView1D<T, Stride1D.Dense> Allocate1D<T>(Index1D extent)
        where T : unmanaged
        => Allocate<T>(extent.X);

    /// <summary>The variable of this place in the code, the same for all lanes of a group.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The variable.</returns>
    public static ref T Allocate<T>()
        where T : unmanaged
        => ref Allocate<T>(1)[0];

    /// <summary>The dynamic shared memory that the launch asked for.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <returns>The view.</returns>
    [MemorySite(nameof(KernelMemory.Dynamic))]
    public static ArrayView<T> GetDynamic<T>()
        where T : unmanaged
        => throw KernelOnly.Outside();
}
