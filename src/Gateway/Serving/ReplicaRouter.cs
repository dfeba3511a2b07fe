using System.Runtime.CompilerServices;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Serving;

/// <summary>
/// Spreads a model's requests over its replicas: each goes to the one with the fewest open requests, and on to the next when that one cannot take it.
/// </summary>
internal sealed class ReplicaRouter : IGenerator
{
    private volatile Lane[] _lanes = [];

    /// <summary>Coordinators of the replicas, by number.</summary>
    public IReadOnlyDictionary<int, Coordinator> Coordinators => _lanes.ToDictionary(lane => lane.Replica, lane => lane.Coordinator);

    /// <summary>Whether any replica takes requests.</summary>
    public bool IsServing => Array.Exists(_lanes, lane => lane.Coordinator.IsServing);

    /// <summary>Whether a replica is there to run on.</summary>
    public bool IsReady => Array.Exists(_lanes, lane => lane.Coordinator.Shape is not null);

    /// <summary>Why there is no replica, in one line.</summary>
    public string? Obstacle => _lanes.Select(lane => lane.Coordinator.Obstacle).FirstOrDefault(obstacle => obstacle is not null);

    /// <summary>Numerics of the shards of the first replica that is there.</summary>
    public IReadOnlyList<string> Numerics => _lanes.Select(lane => lane.Coordinator.Shape?.Numerics).FirstOrDefault(numerics => numerics is not null) ?? [];

    /// <summary>Adds a replica.</summary>
    public void Add(int replica, Coordinator coordinator) => _lanes = [.. _lanes.Append(new Lane(replica, coordinator)).OrderBy(lane => lane.Replica)];

    /// <summary>Takes a replica out, so that it gets no more requests; its coordinator is the caller's.</summary>
    public Coordinator? Remove(int replica)
    {
        Lane? lane = Array.Find(_lanes, lane => lane.Replica == replica);
        _lanes = [.. _lanes.Where(other => other != lane)];
        return lane?.Coordinator;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Lane[] lanes = [.. _lanes.OrderByDescending(lane => lane.Coordinator.IsServing).ThenBy(lane => Volatile.Read(ref lane.Open)).ThenBy(lane => lane.Replica)];
        if (lanes.Length == 0)
        {
            throw new GenerationException(GenerationErrors.Unavailable, "The model is no longer served here; try again later.");
        }
        for (int i = 0; i < lanes.Length; i++)
        {
            Lane lane = lanes[i];
            Interlocked.Increment(ref lane.Open);
            try
            {
                await using IAsyncEnumerator<GeneratedTokens> tokens = lane.Coordinator.GenerateAsync(request, cancellation).GetAsyncEnumerator(cancellation);
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

    private sealed class Lane(int replica, Coordinator coordinator)
    {
        public int Open;

        public int Replica { get; } = replica;

        public Coordinator Coordinator { get; } = coordinator;
    }
}
