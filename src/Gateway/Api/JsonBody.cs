using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Winnow.Gateway.Api;

/// <summary>Reads the bodies of requests.</summary>
internal static class JsonBody
{
    /// <summary>A request's body.</summary>
    /// <exception cref="ApiException">It is not JSON.</exception>
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
    }
}
