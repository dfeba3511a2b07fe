namespace Orleans.Runtime;

/// <summary>The configuration is wrong.</summary>
[GenerateSerializer]
public class OrleansConfigurationException : OrleansException
{
    /// <summary>Without a text of its own.</summary>
    public OrleansConfigurationException()
    {
    }

    /// <summary>With a text.</summary>
    public OrleansConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public OrleansConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
