using System.Buffers;
using Grpc.Core;

namespace Grpc.Protocol;

/// <summary>Shows a marshaller the bytes of one message where they lie.</summary>
internal sealed class PayloadContext : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    /// <summary>Deserialises a message and forgets its bytes.</summary>
    /// <exception cref="RpcException">The bytes are not a message of the type.</exception>
    public T Deserialize<T>(ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
    {
        _payload = payload;
        try
        {
            return deserializer(this);
        }
        catch (Exception ex) when (ex is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"Failed to deserialize a message of {payload.Length} bytes.", ex));
        }
        finally
        {
            _payload = default;
        }
    }
}
