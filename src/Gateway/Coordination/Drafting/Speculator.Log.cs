using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Coordination.Drafting;

internal sealed partial class Speculator
{
    [LoggerMessage(3120, LogLevel.Warning, "The drafter failed; the step goes without drafts.")]
    private static partial void DraftFailed(ILogger logger, Exception exception);

    [LoggerMessage(3121, LogLevel.Debug, "The drafter did not answer within {DeadlineMs} ms; the step goes without drafts.")]
    private static partial void DraftLate(ILogger logger, double deadlineMs);
}
