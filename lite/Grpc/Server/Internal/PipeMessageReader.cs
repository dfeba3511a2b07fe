using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Reads messages from the request's pipe and deserialises them where they lie.</summary>
internal sealed class PipeMessageReader<T>(PipeReader pipe, Func<DeserializationContext, T> deserializer, int? maxSize, string? encoding)
    where T : class
{
    private readonly PayloadContext _payload = new();

    /// <summary>Reads the next message.</summary>
    /// <returns>The message, or null at the end of the requests.</returns>
    /// <exception cref="RpcException">The body ends in a message, or the message is too large, compressed or not of the type.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or <see cref="Cancel" /> was called.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            SequencePosition consumed = buffer.Start;
            SequencePosition examined = buffer.End;
            try
            {
                if (result.IsCanceled)
                {
                    throw new OperationCanceledException("The call is over; its requests are no longer read.");
                }

                if (TryRead(buffer, out T? message, out consumed))
                {
                    examined = consumed;
                    return message;
                }

                if (result.IsCompleted)
                {
                    return buffer.IsEmpty
                        ? null
                        : throw new RpcException(new Status(StatusCode.Internal, "The request ends in the middle of a message."));
                }
            }
            finally
            {
                pipe.AdvanceTo(consumed, examined);
            }
        }
    }

    /// <summary>Reads the only message of a request.</summary>
    /// <exception cref="RpcException">There is no message, or more than one.</exception>
    public async ValueTask<T> ReadSingleAsync()
    {
        T message = await ReadAsync(CancellationToken.None).ConfigureAwait(false)
            ?? throw new RpcException(new Status(StatusCode.Internal, "The request holds no message; this method takes one."));
        return await ReadAsync(CancellationToken.None).ConfigureAwait(false) is null
            ? message
            : throw new RpcException(new Status(StatusCode.Internal, "The request holds more than one message; this method takes one."));
    }

    /// <summary>Ends a read that is under way.</summary>
    public void Cancel() => pipe.CancelPendingRead();

    private bool TryRead(ReadOnlySequence<byte> buffer, out T? message, out SequencePosition consumed)
    {
        message = null;
        consumed = buffer.Start;
        if (buffer.Length < MessagePrefix.Size)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[MessagePrefix.Size];
        buffer.Slice(0, MessagePrefix.Size).CopyTo(prefix);
        int length = MessagePrefix.Read(prefix, maxSize, encoding);
        if (buffer.Length - MessagePrefix.Size < length)
        {
            return false;
        }

        ReadOnlySequence<byte> payload = buffer.Slice(MessagePrefix.Size, length);
        message = _payload.Deserialize(payload, deserializer);
        consumed = payload.End;
        return true;
    }
}
