namespace ILGPU;

/// <summary>A kernel does not compile.</summary>
public sealed class InternalCompilerException : Exception
{
    /// <summary>An exception without a text.</summary>
    public InternalCompilerException()
    {
    }

    /// <summary>An exception.</summary>
    /// <param name="message">The text.</param>
    public InternalCompilerException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The cause.</param>
    public InternalCompilerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
