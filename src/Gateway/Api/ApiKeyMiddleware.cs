using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Winnow.Gateway.Api;

/// <summary>Asks for <c>Authorization: Bearer KEY</c> on <c>/v1</c> when the gateway has keys; compares in constant time.</summary>
internal sealed class ApiKeyMiddleware
{
    private readonly RequestDelegate _next;
    private readonly byte[][] _keyHashes;

    public ApiKeyMiddleware(RequestDelegate next, IOptions<GatewayOptions> options)
    {
        _next = next;
        _keyHashes = [.. options.Value.ApiKeys.Select(Hash)];
    }

    /// <summary>Runs the request when its key is known.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // Routes match in any case, so this must too.
        if (_keyHashes.Length > 0 && context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) && !HasKey(context.Request))
        {
            throw new ApiException(StatusCodes.Status401Unauthorized, "invalid_request_error", "invalid_api_key",
                "The API key is missing or not known here; send it as 'Authorization: Bearer KEY'.");
        }
        return _next(context);
    }

    private bool HasKey(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        string header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        byte[] given = Hash(header[Scheme.Length..].Trim());
        bool known = false;
        foreach (byte[] key in _keyHashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(key, given);
        }
        return known;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
