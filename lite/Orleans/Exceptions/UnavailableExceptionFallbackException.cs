namespace Orleans.Serialization;

/// <summary>Stands for an exception of a type that this process does not have, or that may not be sent.</summary>
public sealed class UnavailableExceptionFallbackException : Exception
{
    /// <summary>Without a text of its own.</summary>
    public UnavailableExceptionFallbackException()
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public UnavailableExceptionFallbackException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Name of the type it stands for.</summary>
    public string? ExceptionType { get; internal set; }
}
