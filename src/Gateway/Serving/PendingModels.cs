using System.Collections.Concurrent;

namespace Winnow.Gateway.Serving;

/// <summary>
/// How long models that are not ready will take: what is left to load at the pace so far; without any progress, as long again as it has taken. Never less than a second or more than a minute.
/// </summary>
/// <param name="time">Clock.</param>
internal sealed class PendingModels(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Wait> _waits = new(StringComparer.Ordinal);

    /// <summary>A model is not ready.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="progress">How much of it is loaded, 0 to 1.</param>
    public void Note(string name, double progress)
    {
        long now = time.GetTimestamp();
        // Progress that falls is that of another load.
        _waits.AddOrUpdate(name, _ => new Wait(now, progress, progress), (_, wait) => progress < wait.Now ? new Wait(now, progress, progress) : wait with { Now = progress });
    }

    /// <summary>These are ready, or gone.</summary>
    public void Forget(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            _waits.TryRemove(name, out _);
        }
    }

    /// <summary>Those that are not ready.</summary>
    public IReadOnlyCollection<string> Names => [.. _waits.Keys];

    /// <summary>When a model is expected to be ready.</summary>
    /// <param name="name">Its name.</param>
    public TimeSpan WaitFor(string name)
    {
        if (!_waits.TryGetValue(name, out Wait? wait))
        {
            return Shortest;
        }
        TimeSpan since = time.GetElapsedTime(wait.Since);
        double gained = wait.Now - wait.First;
        TimeSpan left = gained > 0 ? since * Math.Min((1 - wait.Now) / gained, Longest.TotalSeconds) : since;
        return left < Shortest ? Shortest : left > Longest ? Longest : left;
    }

    private sealed record Wait(long Since, double First, double Now);
}
