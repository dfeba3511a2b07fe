using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Winnow.Gateway.Api;

/// <summary>Reads the bodies of requests.</summary>
internal static class JsonBody
{
    /// <summary>A request's body.</summary>
    /// <exception cref="ApiException">It is not JSON, or does not come whole.</exception>
    /// <exception cref="BadHttpRequestException">It breaks HTTP's rules or a limit of the server.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context)
    {
        JsonDocument? body = null;
        try
        {
            body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            JsonText.RequireUnicode(JsonMarshal.GetRawUtf8Value(body.RootElement));
            return body;
        }
        catch (JsonException error)
        {
            body?.Dispose();
            throw ApiException.Invalid(null, $"The body is not valid JSON: {error.Message}", "invalid_json");
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            // Kestrel tells of a chunk's size that overflows, and of a connection that breaks, in this way.
            throw ApiException.Invalid(null, $"The body could not be read to its end: {error.Message} Send it whole.", "bad_request");
        }
    }
}
