using System.Runtime.CompilerServices;

namespace ILGPU;

/// <summary>The dynamic shared memory of a launch.</summary>
public readonly struct SharedMemoryConfig
{
    /// <summary>No dynamic shared memory.</summary>
    public static readonly SharedMemoryConfig Empty;

    /// <summary>An amount of dynamic shared memory.</summary>
    /// <param name="numElements">The number of elements.</param>
    /// <param name="elementSize">The size of an element in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public SharedMemoryConfig(int numElements, int elementSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numElements);
        ArgumentOutOfRangeException.ThrowIfNegative(elementSize);
        NumElements = numElements;
        ElementSize = elementSize;
    }

    /// <summary>The number of elements.</summary>
    public int NumElements { get; }

    /// <summary>The size of an element in bytes.</summary>
    public int ElementSize { get; }

    /// <summary>The size in bytes.</summary>
    public int ArraySize => checked(NumElements * ElementSize);

    /// <summary>Whether there is any.</summary>
    public bool UsesDynamicSharedMemory => NumElements > 0 && ElementSize > 0;

    /// <summary>An amount of dynamic shared memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="numElements">The number of elements, at least 1.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static SharedMemoryConfig RequestDynamic<T>(int numElements)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numElements, 1);
        return new(numElements, Unsafe.SizeOf<T>());
    }
}
