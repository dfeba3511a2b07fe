namespace Orleans.Runtime;

/// <summary>Base of the exceptions of the grain runtime.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>Without a text of its own.</summary>
    public OrleansException()
        : base("Unexpected error.")
    {
    }

    /// <summary>With a text.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
