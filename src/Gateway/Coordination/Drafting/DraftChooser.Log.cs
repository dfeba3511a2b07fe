using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Coordination.Drafting;

internal sealed partial class DraftChooser
{
    [LoggerMessage(3123, LogLevel.Debug, "Trial of drafting {Change} at {Batch} sequences; drafters until now: {Before}.")]
    private static partial void TrialChanged(ILogger logger, TrialEvent change, int batch, DraftScope before);

    [LoggerMessage(3122, LogLevel.Warning, "Drafter '{Drafter}' failed; the sequence goes on without it.")]
    private static partial void GuessFailed(ILogger logger, string drafter, Exception exception);
}
