using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Serving;

/// <summary>Models whose files could not be opened here, and when each is tried again: after a second, then twice as long each time up to a minute; at once when it is defined anew.</summary>
/// <param name="time">Clock.</param>
internal sealed class RefusedModels(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, Refusal> _refused = new(StringComparer.Ordinal);

    /// <summary>Why a model is not to be tried now; <see langword="null"/> when it is.</summary>
    public string? ReasonOf(ReplicaPlacement placement) =>
        _refused.TryGetValue(placement.Model.Name, out Refusal? refusal) && refusal.Source == SourceOf(placement) && time.GetUtcNow() < refusal.NotBefore ? refusal.Reason : null;

    /// <summary>It could not be opened; <see langword="true"/> when that is news.</summary>
    public bool Refuse(ReplicaPlacement placement, string reason)
    {
        ModelSource source = SourceOf(placement);
        Refusal? before = _refused.TryGetValue(placement.Model.Name, out Refusal? known) && known.Source == source ? known : null;
        TimeSpan wait = before is null ? First : before.Wait * 2 < Longest ? before.Wait * 2 : Longest;
        _refused[placement.Model.Name] = new Refusal(source, reason, wait, time.GetUtcNow() + wait);
        return before?.Reason != reason;
    }

    /// <summary>It was opened, or is gone.</summary>
    public void Forget(string name) => _refused.Remove(name);

    private static ModelSource SourceOf(ReplicaPlacement placement) => new(placement.Model.ModelPath, placement.ContextTokens, placement.Shards[^1].Numerics);

    private sealed record ModelSource(string Path, int ContextTokens, string Numerics);

    private sealed record Refusal(ModelSource Source, string Reason, TimeSpan Wait, DateTimeOffset NotBefore);
}
