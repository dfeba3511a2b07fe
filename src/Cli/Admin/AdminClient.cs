using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Winnow.Cli.Admin;

/// <summary>Asks the operator's endpoints of a gateway; every refusal becomes one line.</summary>
/// <param name="gateway">Address of the gateway.</param>
/// <param name="key">Key of scope admin, or <see langword="null"/> for a gateway on this machine without keys.</param>
internal sealed class AdminClient(Uri gateway, string? key) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Asks.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path below <c>admin/</c>.</param>
    /// <param name="body">JSON body, or <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="CliException">The gateway refused, or does not answer with JSON.</exception>
    /// <exception cref="HttpRequestException">No gateway is there.</exception>
    public async Task<JsonNode> AskAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri($"admin/{path}", UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellation);
        string text = await response.Content.ReadAsStringAsync(cancellation);
        JsonNode? answer = Parse(text);
        return response.IsSuccessStatusCode && answer is not null
            ? answer
            : throw new CliException((answer as JsonObject)?["error"]?["message"]?.GetValue<string>() ?? $"'{gateway}' answered {(int)response.StatusCode} to '/admin/{path}'; is it a gateway?");
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
