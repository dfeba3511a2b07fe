using Winnow.Gateway.Access;

namespace Winnow.Gateway.Admission;

/// <summary>What a caller may take, its key's limits filled up with those of the options.</summary>
/// <param name="MaxConcurrent">Choices generated at once; 0 is unlimited.</param>
/// <param name="RequestsPerMinute">Generating requests a minute; 0 is unlimited.</param>
/// <param name="TokensPerMinute">Prompt and generated tokens a minute; 0 is unlimited.</param>
/// <param name="MinPriority">Most urgent priority.</param>
internal sealed record CallerLimits(int MaxConcurrent, int RequestsPerMinute, int TokensPerMinute, int MinPriority)
{
    /// <summary>A caller's limits.</summary>
    public static CallerLimits Of(ApiCaller caller, LimitOptions options) => new(
        caller.Limits.MaxConcurrent ?? options.MaxConcurrentPerKey,
        caller.Limits.RequestsPerMinute ?? options.RequestsPerMinutePerKey,
        caller.Limits.TokensPerMinute ?? options.TokensPerMinutePerKey,
        caller.Limits.MinPriority ?? options.MinPriority);
}
