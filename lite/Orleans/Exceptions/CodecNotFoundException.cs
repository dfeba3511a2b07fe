namespace Orleans.Serialization;

/// <summary>A type can not be copied or sent; mark it with <see cref="GenerateSerializerAttribute"/>.</summary>
[GenerateSerializer]
public sealed class CodecNotFoundException : SerializerException
{
    /// <summary>Without a text of its own.</summary>
    public CodecNotFoundException()
    {
    }

    /// <summary>With a text.</summary>
    public CodecNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and the exception behind it.</summary>
    public CodecNotFoundException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
