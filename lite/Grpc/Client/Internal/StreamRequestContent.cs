using System.Net;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>A request body that stays open until its writer says that it is complete.</summary>
internal sealed class StreamRequestContent : HttpContent
{
    private readonly RequestStream _requests;

    public StreamRequestContent(RequestStream requests)
    {
        _requests = requests;
        Headers.TryAddWithoutValidation("Content-Type", GrpcHeaders.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The headers leave now: the server may answer before the first message.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        _requests.Open(stream);
        await _requests.Completion.ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
