using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Winnow.Hosting;

/// <summary>The health endpoints of every role.</summary>
public static class HealthExtensions
{
    /// <summary>
    /// Maps <c>/health/live</c> and <c>/health/ready</c>: 200 with <c>{"status":"ok"}</c>, or 503 with the status and the reasons.
    /// </summary>
    public static void MapProcessHealth(this IEndpointRouteBuilder endpoints)
    {
        ProcessHealth health = endpoints.ServiceProvider.GetRequiredService<ProcessHealth>();
        endpoints.MapGet("/health/live", (HttpContext context) => WriteAsync(context, health.IsLive, "failed", health));
        endpoints.MapGet("/health/ready", (HttpContext context) => WriteAsync(context, health.IsReady, health.Reasons.ContainsKey(ProcessDrain.Condition) ? "draining" : "not_ready", health));
    }

    private static Task WriteAsync(HttpContext context, bool good, string bad, ProcessHealth health)
    {
        context.Response.StatusCode = good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return good
            ? context.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["status"] = "ok" })
            : context.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["status"] = bad, ["reasons"] = health.Reasons });
    }
}
