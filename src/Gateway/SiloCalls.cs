using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Winnow.Gateway.Coordination;
using Winnow.Hosting.Calls;

namespace Winnow.Gateway;

/// <summary>Asks silos for what a client or an operator waits for: within <c>Gateway:SiloCallSeconds</c>, and not at all for a while when none answers.</summary>
internal sealed class SiloCalls
{
    private readonly ResiliencePipeline _guard;
    private readonly TimeSpan _rest;

    /// <summary>Takes the limits from the options.</summary>
    public SiloCalls(IOptions<GatewayOptions> options, TimeProvider time)
    {
        _rest = TimeSpan.FromSeconds(options.Value.SiloRestSeconds);
        _guard = CallPolicies.Guard(
            CallNames.Silo, TimeSpan.FromSeconds(options.Value.SiloCallSeconds), _rest, time, static exception => exception is OrleansException or TimeoutException);
    }

    /// <summary>Asks.</summary>
    /// <param name="ask">The call.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GenerationException">No silo answered, <see cref="GenerationErrors.Unavailable"/>, or one did and failed, <see cref="GenerationErrors.Internal"/>.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await _guard.ExecuteAsync(async token => await ask().WaitAsync(token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            string? reason = exception switch
            {
                BrokenCircuitException => "those asked before did not, and they are left alone for a moment",
                TimeoutRejectedException => "it took too long",
                OrleansException or TimeoutException or OperationCanceledException or ObjectDisposedException => exception.Message.TrimEnd('.'),
                _ => null,
            };
            if (reason is null)
            {
                throw new GenerationException(GenerationErrors.Internal, $"The silo failed at this: {exception.Message.TrimEnd('.')}.", exception);
            }
            throw new GenerationException(GenerationErrors.Unavailable, $"No silo answered: {reason}; try again when one is there.", exception)
            {
                RetryAfter = (exception as BrokenCircuitException)?.RetryAfter ?? _rest,
            };
        }
    }
}
