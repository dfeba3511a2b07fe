using System.Runtime.CompilerServices;
using Grpc.Core;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>Generates at the gateway that coordinates the replica.</summary>
/// <param name="replica">Key of the replica.</param>
/// <param name="model">Model name.</param>
/// <param name="client">The other gateway.</param>
internal sealed class ForwardingGenerator(string replica, string model, V1.Coordinator.CoordinatorClient client) : IGenerator
{
    /// <inheritdoc />
    /// <exception cref="RpcException">The other gateway cannot be reached or cannot run it; another one may.</exception>
    /// <exception cref="InvalidDataException">The other gateway answers what cannot be true.</exception>
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using AsyncServerStreamingCall<V1.GenerateReply> call = client.Generate(GenerationCodec.Encode(replica, model, request), cancellationToken: cancellation);
        int generated = request.Generated.Count;
        while (await MoveNextAsync(call.ResponseStream, cancellation).ConfigureAwait(false))
        {
            GeneratedTokens tokens = GenerationCodec.Decode(call.ResponseStream.Current, request, generated);
            generated += tokens.Tokens.Count;
            yield return tokens;
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncStreamReader<V1.GenerateReply> replies, CancellationToken cancellation)
    {
        try
        {
            return await replies.MoveNext(cancellation).ConfigureAwait(false);
        }
        catch (RpcException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw (Exception?)ForwardingErrors.FromRpc(error) ?? error;
        }
    }
}
