namespace ILGPU.Runtime;

/// <summary>A queue of copies and launches. The CPU accelerator of this edition does them at once, before the call returns.</summary>
public abstract class AcceleratorStream : AcceleratorObject
{
    private protected AcceleratorStream(Accelerator accelerator)
        : base(accelerator)
    {
    }

    /// <summary>Waits until everything in the queue is done.</summary>
    public abstract void Synchronize();

    /// <summary>Waits until everything in the queue is done.</summary>
    /// <returns>A task that ends then.</returns>
    public Task SynchronizeAsync()
    {
        Synchronize();
        return Task.CompletedTask;
    }

    /// <summary>Puts a mark into the queue that knows when it was reached.</summary>
    /// <returns>The mark.</returns>
    /// <exception cref="NotSupportedException">The context was built without <see cref="Context.Builder.Profiling"/>.</exception>
    public ProfilingMarker AddProfilingMarker()
        => Accelerator.Context.EnableProfiling
            ? AddProfilingMarkerInternal()
            : throw new NotSupportedException("Profiling marks were asked for, but the context has none; build it with 'Profiling()'.");

    private protected abstract ProfilingMarker AddProfilingMarkerInternal();
}
