using Grpc.Core;
using Grpc.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Answers gRPC calls to paths that no service claims. Requests of other content types go on to other endpoints.</summary>
internal sealed class UnimplementedEndpoint
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private bool _mapped;

    /// <summary>Adds the endpoint once, and remembers the names of services for its answers.</summary>
    public void Map(IEndpointRouteBuilder builder, IEnumerable<string> serviceNames)
    {
        lock (_lock)
        {
            _services.UnionWith(serviceNames);
            if (_mapped)
            {
                return;
            }

            _mapped = true;
        }

        RoutePattern pattern = RoutePatternFactory.Parse(
            "{unimplementedService}/{unimplementedMethod}",
            defaults: null,
            parameterPolicies: new { unimplementedMethod = new GrpcContentTypeConstraint() });
        builder.Map(pattern, AnswerAsync).WithDisplayName("gRPC - unimplemented");
    }

    private Task AnswerAsync(HttpContext context)
    {
        string service = context.Request.RouteValues["unimplementedService"]?.ToString() ?? "";
        bool known;
        lock (_lock)
        {
            known = _services.Contains(service);
        }

        context.Response.ContentType = GrpcHeaders.ContentType;
        ResponseStatus.Write(
            context.Response, new Status(StatusCode.Unimplemented, known ? "Method is unimplemented." : "Service is unimplemented."), null);
        return Task.CompletedTask;
    }

    private sealed class GrpcContentTypeConstraint : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null
            && HttpMethods.IsPost(httpContext.Request.Method)
            && GrpcHeaders.IsGrpcContentType(httpContext.Request.ContentType);
    }
}
