using System.Net;

namespace Winnow.Cli.Tests.Engine;

/// <summary>Answers every request with the same status and body, and keeps what was sent.</summary>
internal sealed class FakeGateway(HttpStatusCode status, string answer) : HttpMessageHandler
{
    /// <summary>The last request's body.</summary>
    public string Sent { get; private set; } = "";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Sent = await request.Content!.ReadAsStringAsync(cancellationToken);
        return new HttpResponseMessage(status) { Content = new StringContent(answer) };
    }
}
