using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Protocol;

/// <summary>The five bytes before each message: a compression flag and the length, most significant byte first.</summary>
internal static class MessagePrefix
{
    public const int Size = 5;

    /// <summary>Writes the prefix of a message that is not compressed.</summary>
    public static void Write(Span<byte> destination, int length)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], length);
    }

    /// <summary>Reads a prefix and checks it before anything is believed or allocated.</summary>
    /// <param name="prefix">The five bytes.</param>
    /// <param name="maxSize">The largest message in bytes; null sets no limit but that of arrays.</param>
    /// <param name="encoding">The peer's <c>grpc-encoding</c>, if any.</param>
    /// <returns>The length of the message in bytes.</returns>
    /// <exception cref="RpcException">The message is too large or compressed, or the flag is not one.</exception>
    public static int Read(ReadOnlySpan<byte> prefix, int? maxSize, string? encoding)
    {
        if (prefix[0] != 0)
        {
            throw new RpcException(CompressedStatus(prefix[0], encoding));
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        uint limit = (uint)Math.Min(maxSize ?? int.MaxValue, Array.MaxLength - Size);
        return length <= limit
            ? (int)length
            : throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"Received message exceeds the maximum configured message size: '{length}' bytes, the limit is {limit}."));
    }

    /// <summary>Checks the size of a message to send.</summary>
    /// <exception cref="RpcException">The message is too large.</exception>
    public static void CheckSend(int length, int? maxSize)
    {
        if (length > maxSize)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"Sending message exceeds the maximum configured message size: '{length}' bytes, the limit is {maxSize}."));
        }
    }

    private static Status CompressedStatus(byte flag, string? encoding)
    {
        if (flag != 1)
        {
            return new Status(StatusCode.Internal, $"The compression flag of a message is '{flag}'; it must be 0 or 1.");
        }

        return encoding is null or GrpcHeaders.Identity
            ? new Status(StatusCode.Internal, "A message is marked compressed, but 'grpc-encoding' names no compression.")
            : new Status(StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: identity");
    }
}
