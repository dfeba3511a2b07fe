namespace ILGPU.Runtime;

/// <summary>A launch, a copy or an allocation went wrong on an accelerator.</summary>
public abstract class AcceleratorException : Exception
{
    private protected AcceleratorException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The kind of the accelerator.</summary>
    public abstract AcceleratorType AcceleratorType { get; }
}
