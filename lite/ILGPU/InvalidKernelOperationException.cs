namespace ILGPU;

/// <summary>What only kernels may do was done outside of one.</summary>
public sealed class InvalidKernelOperationException : InvalidOperationException
{
    /// <summary>An exception without a text.</summary>
    public InvalidKernelOperationException()
    {
    }

    /// <summary>An exception.</summary>
    /// <param name="message">The text.</param>
    public InvalidKernelOperationException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The cause.</param>
    public InvalidKernelOperationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
