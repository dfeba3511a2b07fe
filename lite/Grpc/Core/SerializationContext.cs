using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts the bytes of one message.</summary>
public abstract class SerializationContext
{
    /// <summary>Gives the whole message as one array and ends the serialisation.</summary>
    /// <param name="payload">The bytes.</param>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>The writer for the message's bytes; <see cref="Complete()" /> ends the serialisation.</summary>
    /// <returns>The writer.</returns>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Announces the message's size, so that the bytes go to their place without a copy.</summary>
    /// <param name="payloadLength">The size in bytes.</param>
    public virtual void SetPayloadLength(int payloadLength) => throw new NotImplementedException();

    /// <summary>Ends a serialisation into <see cref="GetBufferWriter" />.</summary>
    public virtual void Complete() => throw new NotImplementedException();
}
