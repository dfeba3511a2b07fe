using Microsoft.AspNetCore.Http;

namespace Winnow.Gateway.Access;

/// <summary>Who makes a request: the key it came with, by name.</summary>
/// <param name="Name">Name of the key, or <see cref="AnonymousName"/>.</param>
/// <param name="Limits">What it may take.</param>
internal sealed record ApiCaller(string Name, ApiKeyLimits Limits)
{
    /// <summary>Name of callers of a gateway without keys.</summary>
    public const string AnonymousName = "anonymous";

    /// <summary>The caller of a gateway without keys.</summary>
    public static ApiCaller Anonymous { get; } = new(AnonymousName, new ApiKeyLimits());

    /// <summary>The caller of a request, once <see cref="ApiAccessMiddleware"/> has let it in.</summary>
    public static ApiCaller Of(HttpContext context) => context.Features.Get<ApiCaller>() ?? Anonymous;
}
