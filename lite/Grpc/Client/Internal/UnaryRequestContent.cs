using System.Net;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>A request body with one message.</summary>
internal sealed class UnaryRequestContent<TRequest> : HttpContent
{
    private readonly TRequest _request;
    private readonly Action<TRequest, SerializationContext> _serializer;
    private readonly MessageBuffer _buffer;

    public UnaryRequestContent(TRequest request, Action<TRequest, SerializationContext> serializer, int? maxSize)
    {
        _request = request;
        _serializer = serializer;
        _buffer = new MessageBuffer(maxSize);
        Headers.TryAddWithoutValidation("Content-Type", GrpcHeaders.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(_buffer.Serialize(_request, _serializer), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _buffer.Release();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
