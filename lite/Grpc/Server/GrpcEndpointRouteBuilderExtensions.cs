using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds gRPC services to the routes of a host.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the methods of a service to their paths. Every call gets an instance of its own, made with the services of its request, unless
    /// the type is registered as a service: then the container decides. gRPC calls to paths that nothing claims are answered with
    /// <see cref="Grpc.Core.StatusCode.Unimplemented" />.
    /// </summary>
    /// <typeparam name="TService">The service: a class that derives from a generated service base.</typeparam>
    /// <param name="builder">The routes of the host.</param>
    /// <returns>A builder for conventions on the service's endpoints.</returns>
    /// <exception cref="InvalidOperationException">
    /// <c>AddGrpc</c> was not called, or the type does not derive from a generated service base.
    /// </exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        UnimplementedEndpoint unimplemented = builder.ServiceProvider.GetService<UnimplementedEndpoint>()
            ?? throw new InvalidOperationException(
                $"Service '{typeof(TService)}' cannot be mapped because gRPC was not added; call 'services.AddGrpc()' first.");
        var binder = new ServiceMethodBinder<TService>(builder);
        IReadOnlyList<IEndpointConventionBuilder> endpoints = binder.Bind();
        unimplemented.Map(builder, binder.ServiceNames);
        return new GrpcServiceEndpointConventionBuilder(endpoints);
    }
}
