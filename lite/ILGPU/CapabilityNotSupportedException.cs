namespace ILGPU;

/// <summary>A kernel needs what its device does not have.</summary>
public sealed class CapabilityNotSupportedException : Exception
{
    /// <summary>An exception without a text.</summary>
    public CapabilityNotSupportedException()
    {
    }

    /// <summary>An exception.</summary>
    /// <param name="message">The text.</param>
    public CapabilityNotSupportedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The cause.</param>
    public CapabilityNotSupportedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
