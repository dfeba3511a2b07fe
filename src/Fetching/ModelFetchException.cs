using System.Net;

namespace Winnow.Fetching;

/// <summary>Bytes of a model cannot be had from a server or kept in the cache. The message is one line for people and holds no credentials.</summary>
public sealed class ModelFetchException : IOException
{
    /// <summary>A fetch that failed.</summary>
    /// <param name="file">The file, as it may be shown.</param>
    /// <param name="reason">What was found and expected, without a period.</param>
    /// <param name="advice">What to do, without a period.</param>
    /// <param name="inner">The failure underneath, if any.</param>
    public ModelFetchException(string file, string reason, string advice, Exception? inner = null)
        : base($"Fetching '{file}' failed: {reason.TrimEnd('.').ReplaceLineEndings(" ")}; {advice}.", inner)
    {
    }

    /// <summary>Whether the same request may succeed a moment later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether some of what was asked for came before it failed, so that the server is not to be left alone.</summary>
    public bool BroughtSome { get; init; }

    /// <summary>Whether the file on the server is no longer the one that the fetch began with.</summary>
    public bool HasChanged { get; init; }

    /// <summary>What the server answered, if it did.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>When the server wants to be asked again, if it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
