using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.Core;

/// <summary>What ASP.NET Core adds to a call.</summary>
public static class ServerCallContextExtensions
{
    /// <summary>The HTTP request under the call.</summary>
    /// <param name="serverCallContext">The call.</param>
    /// <returns>The HTTP context.</returns>
    /// <exception cref="InvalidOperationException">The call was not made by the ASP.NET Core host.</exception>
    public static HttpContext GetHttpContext(this ServerCallContext serverCallContext)
    {
        ArgumentNullException.ThrowIfNull(serverCallContext);
        return serverCallContext is HttpServerCallContext context
            ? context.HttpContext
            : throw new InvalidOperationException("This call has no HTTP context; it was not made by the ASP.NET Core host.");
    }
}
