using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with a stream both ways.</summary>
internal sealed class DuplexStreamingCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallServices<TService> services,
    Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> invoke)
    : ServerCallHandler<TService, TRequest, TResponse>(method, services)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(TService service, HttpServerCallContext call)
    {
        ServerStreamReader<TRequest> requests = RequestStream(call);
        ServerStreamWriter<TResponse> responses = ResponseStream(call);
        try
        {
            await invoke(service, requests, responses, call).ConfigureAwait(false);
        }
        finally
        {
            await responses.DrainAsync().ConfigureAwait(false);
            await requests.CloseAsync().ConfigureAwait(false);
        }
    }
}
