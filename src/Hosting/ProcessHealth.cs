using System.Collections.Concurrent;

namespace Winnow.Hosting;

/// <summary>Whether the process lives and whether it is ready, for <c>/health/live</c> and <c>/health/ready</c>.</summary>
/// <remarks>Ready means that every named condition holds. A fatal error makes the process neither alive nor ready.</remarks>
public sealed class ProcessHealth
{
    private readonly ConcurrentDictionary<string, string?> _conditions = new();
    private volatile Exception? _fatal;

    /// <summary>The error that ended a background loop, or <see langword="null"/>.</summary>
    public Exception? Fatal => _fatal;

    /// <summary>Whether no fatal error has happened.</summary>
    public bool IsLive => _fatal is null;

    /// <summary>Whether every condition holds and nothing fatal has happened.</summary>
    public bool IsReady => IsLive && _conditions.Values.All(reason => reason is null);

    /// <summary>What keeps the process from being ready, by condition.</summary>
    public IReadOnlyDictionary<string, string> Reasons =>
        _conditions.Where(c => c.Value is not null).ToDictionary(c => c.Key, c => c.Value!);

    /// <summary>A condition holds.</summary>
    public void SetReady(string condition) => _conditions[condition] = null;

    /// <summary>A condition does not hold.</summary>
    /// <param name="condition">Name of the condition, for example <c>registered</c>.</param>
    /// <param name="reason">One line for people.</param>
    public void SetNotReady(string condition, string reason) => _conditions[condition] = reason;

    /// <summary>A background loop ended with an error it did not expect; the first one is kept.</summary>
    public void ReportFatal(Exception exception) => Interlocked.CompareExchange(ref _fatal, exception, null);
}
