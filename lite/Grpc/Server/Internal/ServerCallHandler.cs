using Grpc.Core;
using Grpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Serves the calls of one method: checks the request, makes the service, runs the method, ends the call.</summary>
internal abstract class ServerCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    CallServices<TService> services) : IServerCallHandler
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected Method<TRequest, TResponse> Method { get; } = method;

    public Task HandleAsync(HttpContext context)
    {
        if (!GrpcHeaders.IsGrpcContentType(context.Request.ContentType))
        {
            return Refuse(
                context, StatusCodes.Status415UnsupportedMediaType, $"Content-Type '{context.Request.ContentType}' is not supported.");
        }

        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && !HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            context.Response.Headers.Upgrade = HttpProtocol.Http2;
            return Refuse(
                context, StatusCodes.Status426UpgradeRequired, $"Request protocol '{context.Request.Protocol}' is not supported.");
        }

        return ServeAsync(context);
    }

    /// <summary>Runs the method.</summary>
    protected abstract Task InvokeAsync(TService service, HttpServerCallContext call);

    /// <summary>The messages of the request.</summary>
    protected PipeMessageReader<TRequest> Requests(HttpServerCallContext call) => new(
        call.HttpContext.Request.BodyReader,
        Method.RequestMarshaller.ContextualDeserializer,
        services.Options.MaxReceiveMessageSize,
        call.HttpContext.Request.Headers[GrpcHeaders.Encoding]);

    /// <summary>The stream of requests: no limits on the body as a whole, each message has its own.</summary>
    protected ServerStreamReader<TRequest> RequestStream(HttpServerCallContext call)
    {
        if (call.HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (call.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        return new ServerStreamReader<TRequest>(Requests(call));
    }

    protected ServerStreamWriter<TResponse> ResponseStream(HttpServerCallContext call) =>
        new(call, Method.ResponseMarshaller.ContextualSerializer);

    /// <summary>Writes the one response of a method.</summary>
    protected Task WriteSingleAsync(HttpServerCallContext call, TResponse? response)
    {
        return response is not null
            ? call.WriteSingleAsync(response, Method.ResponseMarshaller.ContextualSerializer)
            : throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
    }

    private static Task Refuse(HttpContext context, int httpStatus, string detail)
    {
        context.Response.StatusCode = httpStatus;
        ResponseStatus.Write(context.Response, new Status(StatusCode.Internal, detail), null);
        return Task.CompletedTask;
    }

    private async Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = GrpcHeaders.ContentType;
        context.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
        var call = new HttpServerCallContext(context, Method, services.Options, services.Logger);
        Exception? failure = null;
        try
        {
            call.Start();
            TService service = services.Activator.Create(context.RequestServices, out bool owned);
            try
            {
                await InvokeAsync(service, call).ConfigureAwait(false);
            }
            finally
            {
                if (owned)
                {
                    await ServiceActivator<TService>.ReleaseAsync(service).ConfigureAwait(false);
                }
            }
        }
        catch (Exception ex)
        {
            failure = ex;
        }

        await call.EndAsync(failure).ConfigureAwait(false);
    }
}
