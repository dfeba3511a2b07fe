using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with a stream of requests.</summary>
internal sealed class ClientStreamingCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallServices<TService> services,
    Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>> invoke)
    : ServerCallHandler<TService, TRequest, TResponse>(method, services)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(TService service, HttpServerCallContext call)
    {
        ServerStreamReader<TRequest> requests = RequestStream(call);
        try
        {
            await WriteSingleAsync(call, await invoke(service, requests, call).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await requests.CloseAsync().ConfigureAwait(false);
        }
    }
}
