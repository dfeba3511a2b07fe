using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds gRPC services to the routes of a host.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>Maps the methods of a service to their paths.</summary>
    /// <typeparam name="TService">The service: a class that derives from a generated service base.</typeparam>
    /// <param name="builder">The routes of the host.</param>
    /// <returns>A builder for conventions on the service's endpoints.</returns>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        return new GrpcServiceEndpointConventionBuilder([]);
    }
}
