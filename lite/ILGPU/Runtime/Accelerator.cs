using System.Reflection;

namespace ILGPU.Runtime;

/// <summary>Runs kernels and holds memory for them.</summary>
public abstract class Accelerator : IDisposable
{
    private readonly HashSet<AcceleratorObject> _objects = [];
    private readonly Lock _lock = new();
    private bool _disposed;

    private protected Accelerator(Context context, Device device)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
        Device = device;
        context.Register(this);
    }

    /// <summary>The context.</summary>
    public Context Context { get; }

    /// <summary>The device.</summary>
    public Device Device { get; }

    /// <summary>The stream of everything that names no other.</summary>
    public AcceleratorStream DefaultStream { get; private protected init; } = null!;

    /// <summary>The kind of accelerator.</summary>
    public AcceleratorType AcceleratorType => Device.AcceleratorType;

    /// <summary>The name of the device.</summary>
    public string Name => Device.Name;

    /// <summary>The memory in bytes.</summary>
    public long MemorySize => Device.MemorySize;

    /// <summary>The largest grid, in groups.</summary>
    public Index3D MaxGridSize => Device.MaxGridSize;

    /// <summary>The largest group in each direction, in lanes.</summary>
    public Index3D MaxGroupSize => Device.MaxGroupSize;

    /// <summary>The most lanes of a group.</summary>
    public int MaxNumThreadsPerGroup => Device.MaxNumThreadsPerGroup;

    /// <summary>The most bytes of shared memory of a group.</summary>
    public int MaxSharedMemoryPerGroup => Device.MaxSharedMemoryPerGroup;

    /// <summary>The constant memory in bytes.</summary>
    public int MaxConstantMemory => Device.MaxConstantMemory;

    /// <summary>The lanes of a warp.</summary>
    public int WarpSize => Device.WarpSize;

    /// <summary>The multiprocessors.</summary>
    public int NumMultiprocessors => Device.NumMultiprocessors;

    /// <summary>The most lanes of a multiprocessor.</summary>
    public int MaxNumThreadsPerMultiprocessor => Device.MaxNumThreadsPerMultiprocessor;

    /// <summary>The most lanes of the device.</summary>
    public int MaxNumThreads => Device.MaxNumThreads;

    /// <summary>Another stream.</summary>
    /// <returns>The stream.</returns>
    public abstract AcceleratorStream CreateStream();

    /// <summary>Makes this the accelerator of the thread, which calls of a driver need. In this edition there is nothing to do.</summary>
    public void Bind() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Waits until everything in all streams is done.</summary>
    public void Synchronize() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Allocates memory. It is not initialised.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="length">The number of elements.</param>
    /// <returns>The buffer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system gives no such memory.</exception>
    public MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(long length)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(this, length);
    }

    /// <summary>Pins host memory for copies.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="pinned">The first element, which the garbage collector must not move.</param>
    /// <param name="numElements">The number of elements.</param>
    /// <returns>What ends it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public PageLockScope<T> CreatePageLockFromPinned<T>(IntPtr pinned, long numElements)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numElements);
        return new(this, pinned, numElements);
    }

    /// <summary>Loads an explicitly grouped kernel; its launches name the grid and the group.</summary>
    /// <typeparam name="TDelegate">The launcher: an optional stream, the <see cref="KernelConfig"/>, the kernel's parameters.</typeparam>
    /// <param name="method">The kernel.</param>
    /// <returns>The launcher.</returns>
    /// <exception cref="InternalCompilerException">The kernel does not compile.</exception>
    public abstract TDelegate LoadKernel<TDelegate>(MethodInfo method)
        where TDelegate : Delegate;

    /// <summary>Loads a kernel over an extent, whose groups the accelerator chooses.</summary>
    /// <typeparam name="TDelegate">The launcher: an optional stream, the extent, the kernel's parameters but the first.</typeparam>
    /// <param name="method">The kernel; its first parameter is the index.</param>
    /// <returns>The launcher.</returns>
    /// <exception cref="InternalCompilerException">The kernel does not compile.</exception>
    public abstract TDelegate LoadAutoGroupedKernel<TDelegate>(MethodInfo method)
        where TDelegate : Delegate;

    /// <summary>Loads a kernel over an extent, in groups of one size.</summary>
    /// <typeparam name="TDelegate">The launcher: an optional stream, the extent, the kernel's parameters but the first.</typeparam>
    /// <param name="method">The kernel; its first parameter is the index.</param>
    /// <param name="customGroupSize">The lanes of a group.</param>
    /// <returns>The launcher.</returns>
    /// <exception cref="InternalCompilerException">The kernel does not compile.</exception>
    public abstract TDelegate LoadImplicitlyGroupedKernel<TDelegate>(MethodInfo method, int customGroupSize)
        where TDelegate : Delegate;

    /// <summary>Whether this accelerator can read and write another one's memory.</summary>
    /// <param name="otherAccelerator">The other accelerator.</param>
    /// <returns>Whether it can.</returns>
    public abstract bool CanAccessPeer(Accelerator otherAccelerator);

    /// <summary>Makes the memory of another accelerator reachable from this one, where it can be.</summary>
    /// <param name="otherAccelerator">The other accelerator.</param>
    /// <returns>Whether it is.</returns>
    public bool EnablePeerAccess(Accelerator otherAccelerator) => CanAccessPeer(otherAccelerator);

    /// <summary>Ends the accelerator and everything that belongs to it.</summary>
    public void Dispose()
    {
        AcceleratorObject[] objects;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            objects = [.. _objects];
        }

        Array.ForEach(objects, item => item.Dispose());
        Context.Unregister(this);
        DisposeAccelerator();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Device.ToString();

    internal void Register(AcceleratorObject item)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _objects.Add(item);
        }
    }

    internal void Unregister(AcceleratorObject item)
    {
        lock (_lock)
        {
            _objects.Remove(item);
        }
    }

    private protected abstract void DisposeAccelerator();
}
