namespace Orleans.Runtime.Messaging;

/// <summary>A connection could not be made.</summary>
[GenerateSerializer]
public class ConnectionFailedException : OrleansException
{
    /// <summary>Without a text of its own.</summary>
    public ConnectionFailedException()
    {
    }

    /// <summary>With a text.</summary>
    public ConnectionFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public ConnectionFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
