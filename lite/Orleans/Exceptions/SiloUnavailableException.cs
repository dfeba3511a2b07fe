namespace Orleans.Runtime;

/// <summary>The silo can not be reached, stops, or went away while a call was under way.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>Without a text of its own.</summary>
    public SiloUnavailableException()
        : base("Silo unavailable")
    {
    }

    /// <summary>With a text.</summary>
    public SiloUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public SiloUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
