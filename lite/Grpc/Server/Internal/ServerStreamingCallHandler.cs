using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a method with a stream of responses.</summary>
internal sealed class ServerStreamingCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallServices<TService> services,
    Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> invoke)
    : ServerCallHandler<TService, TRequest, TResponse>(method, services)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(TService service, HttpServerCallContext call)
    {
        TRequest request = await Requests(call).ReadSingleAsync().ConfigureAwait(false);
        ServerStreamWriter<TResponse> responses = ResponseStream(call);
        try
        {
            await invoke(service, request, responses, call).ConfigureAwait(false);
        }
        finally
        {
            await responses.DrainAsync().ConfigureAwait(false);
        }
    }
}
