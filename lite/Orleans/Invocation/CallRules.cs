using Orleans.Configuration;

namespace Orleans.Invocation;

/// <summary>How long a caller waits, and what the ends of its waiting mean for the grain.</summary>
/// <param name="Timeout">Time to wait, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</param>
/// <param name="CancelOnTimeout">Whether a time-out cancels the grain's token.</param>
/// <param name="WaitForCancellation">Whether a cancelled caller waits for the grain's answer.</param>
internal readonly record struct CallRules(TimeSpan Timeout, bool CancelOnTimeout, bool WaitForCancellation)
{
    internal static CallRules Of(MessagingOptions options, GrainMethod method) => new(
        method.ResponseTimeout ?? options.ResponseTimeout, options.CancelRequestOnTimeout, options.WaitForCancellationAcknowledgement);
}
