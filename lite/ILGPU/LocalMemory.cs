using ILGPU.Compiler;
using ILGPU.Execution;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>Memory of one lane. It is filled with 0xFF, floats are NaN, so that a kernel that forgets to initialise is noticed.</summary>
public static class LocalMemory
{
    /// <summary>The memory of this place in the code, the same for the lane whenever it comes by.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="extent">The number of elements, the same for all lanes.</param>
    /// <returns>The view.</returns>
    [MemorySite(nameof(KernelMemory.Local))]
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>The memory of this place in the code, the same for the lane whenever it comes by.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="extent">The number of elements, the same for all lanes.</param>
    /// <returns>The view.</returns>
    public static ArrayView1D<T, Stride1D.Dense> Allocate1D<T>(Index1D extent)
        where T : unmanaged
        => Allocate<T>(extent.X);
}
