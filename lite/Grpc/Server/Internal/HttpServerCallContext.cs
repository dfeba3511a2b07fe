using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A call that the ASP.NET Core host serves.</summary>
internal abstract class HttpServerCallContext(HttpContext httpContext) : ServerCallContext
{
    public HttpContext HttpContext { get; } = httpContext;
}
