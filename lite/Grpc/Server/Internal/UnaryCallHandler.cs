using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves a unary method.</summary>
internal sealed class UnaryCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallServices<TService> services,
    Func<TService, TRequest, ServerCallContext, Task<TResponse>> invoke)
    : ServerCallHandler<TService, TRequest, TResponse>(method, services)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(TService service, HttpServerCallContext call)
    {
        TRequest request = await Requests(call).ReadSingleAsync().ConfigureAwait(false);
        await WriteSingleAsync(call, await invoke(service, request, call).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
