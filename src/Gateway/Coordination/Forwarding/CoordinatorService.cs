using Grpc.Core;
using Winnow.Gateway.Serving;
using Winnow.Inference.Grammar;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>The gateway's edge for other gateways; see coordinator.proto.</summary>
internal sealed class CoordinatorService(SharedReplicas replicas, IModelRegistry models) : V1.Coordinator.CoordinatorBase
{
    /// <summary>Name of the service, the first part of its calls' paths.</summary>
    public const string ServiceName = "winnow.v1.Coordinator";

    /// <inheritdoc />
    public override async Task Generate(V1.GenerateRequest request, IServerStreamWriter<V1.GenerateReply> responseStream, ServerCallContext context)
    {
        try
        {
            SharedReplica replica = replicas.Find(request.Replica) ?? throw ForwardingErrors.NotCoordinated(request.Replica);
            ServedModel model = models.Ready.FirstOrDefault(known => known.Name == request.Model) ?? throw ForwardingErrors.NotCoordinated(request.Replica);
            GenerationRequest generation = Compile(GenerationCodec.Decode(request, model.Tokenizer.VocabularySize), model);
            await foreach (GeneratedTokens tokens in await replica.ServeAsync(generation, context.CancellationToken))
            {
                // Waits while the other gateway does not read, which holds the sequence back.
                await responseStream.WriteAsync(GenerationCodec.Encode(tokens), context.CancellationToken);
            }
        }
        catch (GenerationException error)
        {
            throw ForwardingErrors.ToRpc(error);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The other gateway gave the request up."));
        }
    }

    /// <inheritdoc />
    public override Task<V1.GiveWayReply> GiveWay(V1.GiveWayRequest request, ServerCallContext context)
    {
        SharedReplica replica = replicas.Find(request.Replica) ?? throw ForwardingErrors.NotCoordinated(request.Replica);
        replica.GiveWay(new RunName(request.RequestId, request.Index, request.Run));
        return Task.FromResult(new V1.GiveWayReply());
    }

    private static GenerationRequest Compile(GenerationRequest request, ServedModel model)
    {
        try
        {
            return request.Sampling.Grammar is { } source ? request with { Grammar = model.Grammars.Compile(source) } : request;
        }
        catch (GrammarException error)
        {
            throw new GenerationException(GenerationErrors.InvalidRequest, error.Message, error);
        }
    }
}
