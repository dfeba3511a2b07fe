using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Winnow.Gateway.Api;

namespace Winnow.Gateway.Access;

/// <summary>
/// Lets requests in by their API key, sent as <c>Authorization: Bearer KEY</c>: what an endpoint asks for, or inference under <c>/v1</c> and admin under <c>/admin</c>.
/// Stands after routing and before the endpoints.
/// </summary>
internal sealed partial class ApiAccessMiddleware(RequestDelegate next, ApiKeys keys, ILogger<ApiAccessMiddleware> logger)
{
    private const string Scheme = "Bearer ";

    /// <summary>Runs the request when its caller may make it.</summary>
    /// <exception cref="ApiException">It may not.</exception>
    public Task InvokeAsync(HttpContext context)
    {
        ApiScope needed = NeededBy(context);
        if (needed == ApiScope.None)
        {
            return next(context);
        }
        ApiKeySet known = keys.Current;
        context.Features.Set(known.IsConfigured ? Authorize(context, known, needed) : Anonymous(context, needed));
        return next(context);
    }

    // By the path too, so that an endpoint that forgot to ask is not open. Routes match in any case, so this must as well.
    private static ApiScope NeededBy(HttpContext context)
    {
        PathString path = context.Request.Path;
        return context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>()?.Scope
            ?? (path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? ApiScope.Inference
                : path.StartsWithSegments("/admin", StringComparison.OrdinalIgnoreCase) ? ApiScope.Admin
                : ApiScope.None);
    }

    private ApiCaller Authorize(HttpContext context, ApiKeySet known, ApiScope needed)
    {
        StringValues header = context.Request.Headers.Authorization;
        string? text = header.Count == 1 ? header[0] : null;
        ApiKey? key = text?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true ? known.Find(text[Scheme.Length..].Trim()) : null;
        if (key is null)
        {
            throw new ApiException(StatusCodes.Status401Unauthorized, "invalid_request_error", "invalid_api_key",
                "The API key is missing or not known here; send it as 'Authorization: Bearer KEY'.");
        }
        if (!key.Scopes.Contains(needed))
        {
            LogScopeMissing(logger, key.Name, needed, context.Request.Path);
            throw Forbidden($"The API key '{key.Name}' lacks the scope '{Describe(needed)}' that '{context.Request.Path}' asks for; use a key that has it, see docs/security.md.");
        }
        return new ApiCaller(key.Name, key.Limits ?? new ApiKeyLimits());
    }

    private static ApiCaller Anonymous(HttpContext context, ApiScope needed) => needed != ApiScope.Admin || IsLocal(context)
        ? ApiCaller.Anonymous
        : throw Forbidden("This gateway has no API keys, so '/admin' answers its own machine only; make a key with the scope 'admin', see docs/security.md.");

    // Of this machine, and no web page that a browser on it shows: those name their origin, or a host of theirs that they made lead here.
    private static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(Unmapped(address))
        && IsLoopbackName(context.Request.Host.Host)
        && context.Request.Headers.Origin.All(origin => Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && IsLoopbackName(from.Host));

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsLoopbackName(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static ApiException Forbidden(string message) => new(StatusCodes.Status403Forbidden, "permission_error", "insufficient_scope", message);

    private static string Describe(ApiScope scope) => scope.ToString().ToLowerInvariant();

    [LoggerMessage(EventId = 2503, Level = LogLevel.Information, Message = "Key '{Key}' lacks the scope '{Scope}' for '{Path}'")]
    private static partial void LogScopeMissing(ILogger logger, string key, ApiScope scope, string path);
}
