using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Winnow.Gateway.Serving;
using Winnow.Hosting;

namespace Winnow.Gateway.Api;

/// <summary>
/// How the gateway leaves: it refuses new requests, gives its leases to gateways that wait for them, and lets what it answers end; at the limit it ends streams so that their clients go on
/// elsewhere.
/// </summary>
internal sealed partial class GatewayDrain(ProcessDrain process, IModelRegistry models, IOptions<GatewayOptions> options, TimeProvider time, ILogger<GatewayDrain> logger)
    : IDrainStep, IDisposable
{
    // What the clients of streams that are ended still get to read.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _cut = new();
    private readonly SemaphoreSlim _left = new(0);
    private int _open;

    /// <summary>When the drain began, once it is known that no other gateway has the leases; 0 before.</summary>
    private long _alone;

    /// <summary>Cancelled when streams that still run are to end.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>What clients are told then.</summary>
    /// <remarks>Another gateway serves at once, where one has the leases; the one that takes this one's place comes when this one has gone.</remarks>
    public ApiException Draining()
    {
        long since = Volatile.Read(ref _alone);
        TimeSpan left = since == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(options.Value.DrainSeconds) + LastWords - time.GetElapsedTime(since);
        return ApiException.Unavailable("draining",
            "This gateway ends and takes no more requests. Send the request to another one; a stream goes on at any other one with GET /v1/streams/ID and Last-Event-ID.", left);
    }

    /// <summary>Lets a request of the API in, or refuses it.</summary>
    /// <exception cref="ApiException">The gateway drains.</exception>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }
        Interlocked.Increment(ref _open);
        try
        {
            await (process.IsDraining ? throw Draining() : next(context));
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            _ = process.IsDraining ? _left.Release() : 0;
        }
    }

    /// <inheritdoc />
    public async Task DrainAsync(CancellationToken cancellation)
    {
        LogDraining(logger, Volatile.Read(ref _open), options.Value.DrainSeconds);
        long since = time.GetTimestamp();
        Volatile.Write(ref _alone, await models.HandOverAsync(cancellation) ? 0 : since);
        if (!await AreAllGoneAsync(TimeSpan.FromSeconds(options.Value.DrainSeconds), cancellation))
        {
            LogCut(logger, Volatile.Read(ref _open));
            await _cut.CancelAsync();
            await AreAllGoneAsync(LastWords, cancellation);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _cut.Dispose();
        _left.Dispose();
    }

    private async Task<bool> AreAllGoneAsync(TimeSpan most, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        while (Volatile.Read(ref _open) > 0 && !either.IsCancellationRequested)
        {
            await _left.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return Volatile.Read(ref _open) == 0;
    }

    [LoggerMessage(EventId = 2040, Level = LogLevel.Information, Message = "Draining: {Open} requests run and have {Seconds} s to end")]
    private static partial void LogDraining(ILogger logger, int open, int seconds);

    [LoggerMessage(EventId = 2041, Level = LogLevel.Warning, Message = "Draining took too long: {Open} requests are ended; streams can be taken up elsewhere")]
    private static partial void LogCut(ILogger logger, int open);
}
