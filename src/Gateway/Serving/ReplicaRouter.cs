using System.Runtime.CompilerServices;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;

namespace Winnow.Gateway.Serving;

/// <summary>
/// Spreads a model's requests over its replicas: each goes to the one with the fewest open requests, and on to the next when that one cannot take it.
/// </summary>
/// <param name="time">Clock.</param>
internal sealed class ReplicaRouter(TimeProvider time) : IGenerator
{
    private readonly QueuePace _pace = new(time);
    private volatile Lane[] _lanes = [];

    /// <summary>The replicas, by number.</summary>
    public IReadOnlyDictionary<int, SharedReplica> Replicas => _lanes.ToDictionary(lane => lane.Number, lane => lane.Replica);

    /// <summary>Whether any replica takes requests.</summary>
    public bool IsServing => Array.Exists(_lanes, lane => lane.Replica.IsServing);

    /// <summary>Whether a replica is there to run on.</summary>
    public bool IsReady => Array.Exists(_lanes, lane => lane.Replica.IsReady);

    /// <summary>Why there is no replica, in one line.</summary>
    public string? Obstacle => _lanes.Select(lane => lane.Replica.Obstacle).FirstOrDefault(obstacle => obstacle is not null);

    /// <summary>Numerics of the shards of the first replica that is there.</summary>
    public IReadOnlyList<string> Numerics => _lanes.Select(lane => lane.Replica.Numerics).FirstOrDefault(numerics => numerics.Count > 0) ?? [];

    /// <inheritdoc />
    /// <remarks>As this gateway sees it: by its own clients' requests, whichever gateway runs them.</remarks>
    public TimeSpan QueueWait => _pace.Wait;

    /// <summary>Adds a replica.</summary>
    public void Add(int number, SharedReplica replica) => _lanes = [.. _lanes.Append(new Lane(number, replica)).OrderBy(lane => lane.Number)];

    /// <summary>Takes a replica out, so that it gets no more requests; it is the caller's to dispose.</summary>
    public SharedReplica? Remove(int number)
    {
        Lane? lane = Array.Find(_lanes, lane => lane.Number == number);
        _lanes = [.. _lanes.Where(other => other != lane)];
        return lane?.Replica;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Lane[] lanes = [.. _lanes.OrderByDescending(lane => lane.Replica.IsServing).ThenBy(lane => Volatile.Read(ref lane.Open)).ThenBy(lane => lane.Number)];
        if (lanes.Length == 0)
        {
            throw new GenerationException(GenerationErrors.Unavailable, "The model is no longer served here; try again later.");
        }
        if (request.TakesOver && lanes.Length > 1)
        {
            // Before this run is anywhere, so that of two at once no more than one is ended.
            await Task.WhenAll(lanes.Select(lane => lane.Replica.GiveWayAsync(RunName.Of(request), cancellation)));
        }
        for (int i = 0; i < lanes.Length; i++)
        {
            Lane lane = lanes[i];
            Interlocked.Increment(ref lane.Open);
            try
            {
                await using IAsyncEnumerator<GeneratedTokens> tokens = lane.Replica.GenerateAsync(request, cancellation).GetAsyncEnumerator(cancellation);
                if (await TryBeginAsync(tokens, hasOthers: i + 1 < lanes.Length) is not { } goesOn)
                {
                    continue;
                }
                for (; goesOn; goesOn = await tokens.MoveNextAsync())
                {
                    yield return tokens.Current;
                }
                yield break;
            }
            finally
            {
                Interlocked.Decrement(ref lane.Open);
                _pace.Ended();
            }
        }
    }

    /// <summary>Waits for the first tokens; <see langword="null"/> when the replica cannot take the request and another may.</summary>
    private static async Task<bool?> TryBeginAsync(IAsyncEnumerator<GeneratedTokens> tokens, bool hasOthers)
    {
        try
        {
            return await tokens.MoveNextAsync();
        }
        catch (GenerationException exception) when (hasOthers && exception.Type is GenerationErrors.Overloaded or GenerationErrors.Unavailable)
        {
            return null;
        }
    }

    private sealed class Lane(int number, SharedReplica replica)
    {
        public int Open;

        public int Number { get; } = number;

        public SharedReplica Replica { get; } = replica;
    }
}
