using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Invocation;

namespace Orleans.Runtime;

/// <summary>Calls grains of this process's silo.</summary>
internal sealed class LocalCaller(Catalog catalog, IOptions<SiloMessagingOptions> options, TimeProvider time) : IGrainCaller
{
    /// <inheritdoc/>
    public Task<object?> CallAsync(GrainId grainId, GrainInterface grainInterface, GrainMethod method, object?[] arguments)
    {
        CancellationToken token = method.TokenOf(arguments);
        token.ThrowIfCancellationRequested();
        object?[] values = method.CopyArguments(arguments);
        return Send(grainId, method, values, method.CopyResult, CallRules.Of(options.Value, method), token).Answer;
    }

    /// <summary>Sends a call on whose arguments are the grain's own already.</summary>
    /// <param name="grainId">The grain.</param>
    /// <param name="method">The method.</param>
    /// <param name="values">Arguments without the token.</param>
    /// <param name="seal">Makes the answer the caller's own, in the grain's turn.</param>
    /// <param name="rules">How long to wait.</param>
    /// <param name="token">The caller's token.</param>
    internal PendingCall Send(
        GrainId grainId, GrainMethod method, object?[] values, Func<object?, object?> seal, CallRules rules, CancellationToken token)
    {
        var call = new PendingCall();
        var request = new GrainRequest(async (grain, grainToken) => seal(await method.InvokeAsync(grain, values, grainToken)), call)
        {
            IsAlwaysInterleave = method.IsAlwaysInterleave,
            IsReadOnly = method.IsReadOnly,
        };
        call.Start(time, rules, $"Request [{grainId}]{method.Info.DeclaringType}.{method.Key}", token, request.Cancel);
        catalog.Dispatch(grainId, request);
        return call;
    }
}
