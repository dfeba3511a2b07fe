using Microsoft.AspNetCore.Builder;

namespace Winnow.Gateway.Access;

/// <summary>Says which scope an endpoint asks for.</summary>
public static class ScopeExtensions
{
    /// <summary>
    /// Lets only keys with this scope in. Endpoints under <c>/v1</c> and <c>/admin</c> ask for inference and admin even without it. A gateway without any key lets
    /// everybody infer, and administer from its own machine only.
    /// </summary>
    /// <typeparam name="TBuilder">Kind of endpoint or group.</typeparam>
    /// <param name="builder">Endpoint or group of endpoints.</param>
    /// <param name="scope">The scope.</param>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, ApiScope scope)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiredScope(scope));
}

/// <summary>The scope that an endpoint asks for.</summary>
/// <param name="Scope">The scope.</param>
internal sealed record RequiredScope(ApiScope Scope);
