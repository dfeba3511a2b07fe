namespace ILGPU.Runtime;

/// <summary>Something that belongs to an accelerator and ends with it.</summary>
public abstract class AcceleratorObject : IDisposable
{
    private int _disposed;

    private protected AcceleratorObject(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        Accelerator = accelerator;
        accelerator.Register(this);
    }

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The kind of the accelerator.</summary>
    public AcceleratorType AcceleratorType => Accelerator.AcceleratorType;

    /// <summary>Whether it has been disposed.</summary>
    public bool IsDisposed => _disposed != 0;

    /// <summary>Ends it; a second time does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Accelerator.Unregister(this);
            DisposeAcceleratorObject(true);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Releases what it holds.</summary>
    /// <param name="disposing">Always true in this edition.</param>
    protected abstract void DisposeAcceleratorObject(bool disposing);
}
