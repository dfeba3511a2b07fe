using System.Net;

namespace Winnow.Lite.Grpc.Tests.Support;

/// <summary>Answers every request as the test says and keeps the last one.</summary>
public sealed class ScriptedHandler(Func<HttpResponseMessage> answer) : HttpMessageHandler
{
    public HttpRequestMessage? Request { get; private set; }

    public byte[] Body { get; private set; } = [];

    /// <summary>A response of gRPC with a body and trailers.</summary>
    public static HttpResponseMessage Response(byte[] body, params (string Name, string Value)[] trailers)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        foreach ((string name, string value) in trailers)
        {
            response.TrailingHeaders.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Request = request;
        Body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        return answer();
    }
}
