using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Winnow.Contracts;
using Winnow.Hosting;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>
/// A replica that any gateway can serve: generates with this gateway's coordinator while it holds the lease, and otherwise at the gateway that does. When the lease moves or that gateway
/// dies, running generations go on from the tokens they have.
/// </summary>
/// <param name="model">Model name.</param>
/// <param name="coordinator">This gateway's coordinator of the replica; disposed with this.</param>
/// <param name="lease">Who coordinates the replica.</param>
/// <param name="channels">Channels to other gateways.</param>
/// <param name="patience">How long a generation waits for someone to run it.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
internal sealed partial class SharedReplica(
    string model, Coordinator coordinator, ReplicaLease lease, ClusterChannels channels, TimeSpan patience, TimeProvider time, ILogger logger) : IGenerator, IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GiveWayLimit = TimeSpan.FromSeconds(1);

    private readonly ForwardingInstruments _instruments = new(model);

    /// <summary>Key of the replica.</summary>
    public string Key => lease.Replica;

    /// <summary>Requests are taken: by this gateway, now or when it has a replica again, or by one that can be reached.</summary>
    public bool IsServing => coordinator.IsServing || IsElsewhere;

    /// <summary>It can run: at this gateway, or at one that can be reached.</summary>
    public bool IsReady => coordinator.Shape is not null || IsElsewhere;

    /// <summary>Why it cannot, in one line; <see langword="null"/> when nothing has failed.</summary>
    public string? Obstacle => IsReady ? null : coordinator.Obstacle;

    /// <summary>Told when it is disposed.</summary>
    public Action<SharedReplica>? Disposed { get; init; }

    /// <summary>Another gateway runs it, and takes requests of this one.</summary>
    public bool IsElsewhere => lease.Route.Holder is { IsReachable: true, Placement: not null };

    /// <summary>Numerics of its shards; empty while it has none.</summary>
    public IReadOnlyList<string> Numerics => coordinator.Shape?.Numerics ?? [.. lease.Route.Holder?.Placement?.Shards.Select(shard => shard.Numerics) ?? []];

    /// <inheritdoc />
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var tokens = new List<int>(request.Generated);
        GenerationRequest current = request;
        int failures = 0;
        long since = time.GetTimestamp();
        while (true)
        {
            ReplicaRoute route = lease.Route;
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellation, route.Changed);
            IAsyncEnumerator<GeneratedTokens> steps = GeneratorOf(route).GenerateAsync(current, attempt.Token).GetAsyncEnumerator(attempt.Token);
            Exception? failure = null;
            try
            {
                while (failure is null)
                {
                    (bool hasNext, failure) = await MoveNextAsync(steps, route, cancellation).ConfigureAwait(false);
                    if (!hasNext)
                    {
                        failure ??= new InvalidDataException("The tokens ended before their end.");
                        continue;
                    }
                    tokens.AddRange(steps.Current.Tokens);
                    failures = 0;
                    yield return steps.Current;
                    if (steps.Current.Finish != FinishReason.None)
                    {
                        yield break;
                    }
                }
            }
            finally
            {
                await steps.DisposeAsync().ConfigureAwait(false);
            }
            cancellation.ThrowIfCancellationRequested();
            since = failures == 0 ? time.GetTimestamp() : since;
            current = current.GoingOn([.. tokens]);
            await RecoverAsync(route, failure, failures++, time.GetElapsedTime(since), cancellation).ConfigureAwait(false);
            LogGoesOn(logger, request.RequestId, request.Index, tokens.Count, lease.Route.Holder?.GatewayId ?? "this gateway");
            _instruments.Moved();
        }
    }

    /// <summary>Generates for another gateway, with this gateway's coordinator only.</summary>
    /// <exception cref="RpcException">This gateway does not coordinate the replica.</exception>
    public async Task<IAsyncEnumerable<GeneratedTokens>> ServeAsync(GenerationRequest request, CancellationToken cancellation)
    {
        if (coordinator.Shape is null)
        {
            // Whoever forwards here was told that the lease is ours, perhaps before this gateway was.
            lease.AskNow();
            long since = time.GetTimestamp();
            while (lease.Route is { Holder: not null } route && time.GetElapsedTime(since) < AskLimit)
            {
                await WaitAsync(route.Changed, AskLimit, cancellation).ConfigureAwait(false);
            }
        }
        return lease.Route.Holder is null ? coordinator.GenerateAsync(request, cancellation) : throw ForwardingErrors.NotCoordinated(Key);
    }

    /// <summary>
    /// A choice goes on at another replica: earlier runs of it end at this one, wherever it is coordinated. Waits until that is known there, but not for long: whoever cannot be asked
    /// is lost, and its runs with it.
    /// </summary>
    public async Task GiveWayAsync(RunName run, CancellationToken cancellation)
    {
        if (lease.Route.Holder is not { IsReachable: true } holder)
        {
            GiveWay(run);
            return;
        }
        try
        {
            var client = new V1.Coordinator.CoordinatorClient(channels.Get(holder.Address));
            var request = new V1.GiveWayRequest { Replica = Key, RequestId = run.RequestId, Index = run.Index, Run = run.Run };
            await client.GiveWayAsync(request, cancellationToken: cancellation).ResponseAsync.WaitAsync(GiveWayLimit, time, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is RpcException or TimeoutException)
        {
            cancellation.ThrowIfCancellationRequested();
            LogNotToldToGiveWay(logger, holder.GatewayId, holder.Address, run.RequestId, Describe(error));
        }
    }

    /// <summary>Ends earlier runs of a choice at this gateway's coordinator.</summary>
    public void GiveWay(RunName run) => coordinator.GiveWay(run);

    /// <summary>Has the lease asked for now rather than in a while.</summary>
    public void AskNow() => lease.AskNow();

    /// <summary>Gives the lease to another gateway that waits for it, where running generations go on. Nobody gives it to this one from now on.</summary>
    /// <returns><see langword="false"/> when nobody waits for it.</returns>
    public Task<bool> HandOverAsync(CancellationToken cancellation) => lease.HandOverAsync(leaves: true, cancellation);

    /// <summary>Refuses new requests and waits for the open ones of this gateway's coordinator to end.</summary>
    /// <exception cref="OperationCanceledException">They did not end in time.</exception>
    public Task DrainAsync(CancellationToken cancellation) => coordinator.DrainAsync(cancellation);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Disposed?.Invoke(this);
        await coordinator.DisposeAsync().ConfigureAwait(false);
    }

    private IGenerator GeneratorOf(ReplicaRoute route)
    {
        if (route.Holder is not { IsReachable: true } holder)
        {
            return coordinator;
        }
        _instruments.Forwarded();
        return new ForwardingGenerator(Key, model, new V1.Coordinator.CoordinatorClient(channels.Get(holder.Address)));
    }

    // What another try may mend is the failure; everything else is thrown.
    private static async ValueTask<(bool HasNext, Exception? Failure)> MoveNextAsync(IAsyncEnumerator<GeneratedTokens> steps, ReplicaRoute route, CancellationToken cancellation)
    {
        try
        {
            return (await steps.MoveNextAsync().ConfigureAwait(false), null);
        }
        catch (Exception error) when (error is RpcException or InvalidDataException || (route.Changed.IsCancellationRequested && error is OperationCanceledException or GenerationException { Type: not GenerationErrors.TakenOver }))
        {
            cancellation.ThrowIfCancellationRequested();
            return (false, error);
        }
    }

    private async Task RecoverAsync(ReplicaRoute route, Exception failure, int failures, TimeSpan elapsed, CancellationToken cancellation)
    {
        if (route.Changed.IsCancellationRequested)
        {
            return;
        }
        if (elapsed > patience)
        {
            throw new GenerationException(GenerationErrors.Unavailable,
                $"Nobody could run replica '{Key}' within '{patience.TotalSeconds}' s; the last failure: {Describe(failure)} Try again later.", failure)
            {
                // As long again as it has taken so far.
                RetryAfter = elapsed,
            };
        }
        if (route.Holder is { } holder && failure is RpcException rpc && rpc.Trailers.GetValue(WorkerErrorTypes.Trailer) is null)
        {
            LogUnreachable(logger, holder.GatewayId, holder.Address, Describe(failure));
            await lease.ReportLostAsync(holder).ConfigureAwait(false);
        }
        else
        {
            lease.AskNow();
        }
        TimeSpan delay = FirstDelay * Math.Pow(2, Math.Min(failures, 10));
        await WaitAsync(route.Changed, delay < LongestDelay ? delay : LongestDelay, cancellation).ConfigureAwait(false);
    }

    private async Task WaitAsync(CancellationToken changed, TimeSpan most, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, changed);
        await Task.Delay(most, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    private static string Describe(Exception failure) => failure is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : failure.Message;

    [LoggerMessage(3190, LogLevel.Information, "Request {RequestId} choice {Choice} goes on after {Tokens} tokens at {Gateway}")]
    private static partial void LogGoesOn(ILogger logger, string requestId, int choice, int tokens, string gateway);

    [LoggerMessage(3192, LogLevel.Debug, "Gateway {Gateway} at {Address} could not be told that request {RequestId} goes on at another replica: {Reason}")]
    private static partial void LogNotToldToGiveWay(ILogger logger, string gateway, string address, string requestId, string reason);

    [LoggerMessage(3191, LogLevel.Warning, "Gateway {Gateway} at {Address} could not be reached: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string gateway, string address, string reason);
}
