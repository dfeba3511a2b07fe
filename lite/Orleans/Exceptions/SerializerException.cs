namespace Orleans.Serialization;

/// <summary>A value can not be copied, written or read.</summary>
[GenerateSerializer]
public class SerializerException : Exception
{
    /// <summary>Without a text of its own.</summary>
    public SerializerException()
    {
    }

    /// <summary>With a text.</summary>
    public SerializerException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public SerializerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
