using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>The single response of a call without a stream of responses.</summary>
internal static class ResponseTask
{
    /// <summary>Runs a call to its status and takes the one response.</summary>
    /// <exception cref="RpcException">The call ended with a status other than OK.</exception>
    public static async Task<TResponse> RunAsync<TRequest, TResponse>(
        ClientCall call, Method<TRequest, TResponse> method, HttpContent content, int? maxSize)
        where TResponse : class
    {
        try
        {
            HttpResponseMessage response = await call.SendAsync(content).ConfigureAwait(false)
                ?? throw new RpcException(new Status(StatusCode.Internal, "The server sent status OK and no response message."));
            Stream body = await response.Content.ReadAsStreamAsync(call.Aborted).ConfigureAwait(false);
            using var messages = new MessageStreamReader<TResponse>(
                body,
                method.ResponseMarshaller.ContextualDeserializer,
                maxSize,
                CallStatus.Single(response.Headers, Protocol.GrpcHeaders.Encoding));
            TResponse? message = await messages.ReadAsync(call.Aborted).ConfigureAwait(false);
            bool more = message is not null && await messages.ReadAsync(call.Aborted).ConfigureAwait(false) is not null;
            if (more)
            {
                throw new RpcException(new Status(StatusCode.Internal, "The server sent more than one response message."));
            }

            call.Finish(response, message is null ? new Status(StatusCode.Internal, "The server sent no response message.") : null);
            return call.GetStatus().StatusCode == StatusCode.OK ? message! : throw call.CreateException();
        }
        catch (Exception ex)
        {
            throw call.Fail(ex);
        }
    }
}
