using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves the calls of one method.</summary>
internal interface IServerCallHandler
{
    /// <summary>Serves one call, from its request to its status.</summary>
    Task HandleAsync(HttpContext context);
}
