using Grpc.Core;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Networking;

/// <summary>The gateway port: one stream a client.</summary>
internal sealed class GatewayService(
    LocalCaller caller,
    GrainClassMap classes,
    IOptions<ClusterOptions> cluster,
    IOptions<SiloMessagingOptions> messaging,
    SiloLog log,
    GatewayStopping stopping) : Gateway.GatewayBase
{
    /// <inheritdoc/>
    public override async Task Connect(
        IAsyncStreamReader<ToSilo> requestStream, IServerStreamWriter<ToClient> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping.Token);
        string client = context.Peer;
        try
        {
            await GreetAsync(requestStream, responseStream, end.Token);
            log.ClientConnected(client);
            await new GatewaySession(caller, classes, messaging.Value.MaxMessageBodySize, requestStream, responseStream).RunAsync(end.Token, context.CancellationToken);
        }
        catch (Exception e) when (end.IsCancellationRequested && e is OperationCanceledException or RpcException or IOException)
        {
            // The client went away or the silo stops: both end the stream, neither is an error.
        }
        catch (Exception e) when (e is not RpcException)
        {
            log.ClientRefused(e, client);
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
        finally
        {
            log.ClientDisconnected(client);
        }
    }

    private async Task GreetAsync(IAsyncStreamReader<ToSilo> requests, IServerStreamWriter<ToClient> answers, CancellationToken token)
    {
        Hello? hello = await requests.MoveNext(token) ? requests.Current.Hello : null;
        string? refusal = hello switch
        {
            null => "the first message is not a hello",
            { Version: not GatewayProtocol.Version } => $"the client's protocol version is '{hello.Version}', the silo's '{GatewayProtocol.Version}'",
            _ when hello.ClusterId != cluster.Value.ClusterId =>
                $"the client's cluster id is '{hello.ClusterId}', the silo's '{cluster.Value.ClusterId}'",
            _ when hello.ServiceId != cluster.Value.ServiceId =>
                $"the client's service id is '{hello.ServiceId}', the silo's '{cluster.Value.ServiceId}'",
            _ => null,
        };
        if (refusal is not null)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"The gateway refused the connection: {refusal}."));
        }

        var welcome = new Welcome();
        welcome.Implementations.AddRange(classes.Manifest.Implementations.Select(implementation => new Implementation
        {
            InterfaceName = implementation.InterfaceName,
            GrainType = implementation.GrainType,
            ClassName = implementation.ClassName,
        }));
        await answers.WriteAsync(new ToClient { Welcome = welcome }, token);
    }
}
