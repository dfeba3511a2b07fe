using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Starts calls over a channel.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using AsyncUnaryCall<TResponse> call = AsyncUnaryCall(method, host, options, request);
        return call.ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new ClientCall(channel, method, options, requests: null);
        Task<TResponse> response = ResponseTask.RunAsync(call, method, One(method, request), channel.MaxReceiveMessageSize);
        return new AsyncUnaryCall<TResponse>(
            response, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, () => End(call, response));
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var requests = new RequestStream();
        var call = new ClientCall(channel, method, options, requests);
        Task<TResponse> response = ResponseTask.RunAsync(
            call, method, new StreamRequestContent(requests), channel.MaxReceiveMessageSize);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            Writer(call, requests, method),
            response,
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            () => End(call, response));
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new ClientCall(channel, method, options, requests: null);
        return new AsyncServerStreamingCall<TResponse>(
            Reader(call, method, One(method, request)), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var requests = new RequestStream();
        var call = new ClientCall(channel, method, options, requests);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            Writer(call, requests, method),
            Reader(call, method, new StreamRequestContent(requests)),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Dispose);
    }

    private static void End(ClientCall call, Task response)
    {
        call.Dispose();

        // A caller that disposes a call without awaiting the response does not want its failure either.
        response.ContinueWith(
            static failed => _ = failed.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private UnaryRequestContent<TRequest> One<TRequest, TResponse>(Method<TRequest, TResponse> method, TRequest request) =>
        new(request, method.RequestMarshaller.ContextualSerializer, channel.MaxSendMessageSize);

    private ClientStreamWriter<TRequest> Writer<TRequest, TResponse>(
        ClientCall call, RequestStream requests, Method<TRequest, TResponse> method)
        where TRequest : class =>
        new(call, requests, method.RequestMarshaller.ContextualSerializer, channel.MaxSendMessageSize);

    private ClientStreamReader<TResponse> Reader<TRequest, TResponse>(
        ClientCall call, Method<TRequest, TResponse> method, HttpContent content)
        where TResponse : class =>
        new(call, method.ResponseMarshaller.ContextualDeserializer, channel.MaxReceiveMessageSize, content);
}
