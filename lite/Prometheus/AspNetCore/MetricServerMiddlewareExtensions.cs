using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Prometheus;

/// <summary>The metrics endpoint.</summary>
public static class MetricServerMiddlewareExtensions
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Shows a registry in the Prometheus text format.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Path of the endpoint.</param>
    /// <param name="registry">The registry, or <see langword="null"/> for <see cref="Metrics.DefaultRegistry"/>.</param>
    public static IEndpointConventionBuilder MapMetrics(
        this IEndpointRouteBuilder endpoints, string pattern = "/metrics", CollectorRegistry? registry = null)
    {
        CollectorRegistry shown = registry ?? Metrics.DefaultRegistry;
        return endpoints.Map(pattern, context => WriteAsync(context, shown)).WithDisplayName("Prometheus metrics");
    }

    private static async Task WriteAsync(HttpContext context, CollectorRegistry registry)
    {
        byte[] text = await registry.CollectAsync(context.RequestAborted);
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
