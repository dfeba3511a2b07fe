using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Coordination;

internal sealed partial class StepCommitter
{
    [LoggerMessage(3110, LogLevel.Warning, "Request {RequestId} choice {Choice} starts again from its tokens: {ErrorType}: {ErrorMessage}")]
    private static partial void SequenceRestarted(ILogger logger, string requestId, int choice, string errorType, string errorMessage);

    [LoggerMessage(3111, LogLevel.Error, "Request {RequestId} choice {Choice} failed: {ErrorType}: {ErrorMessage}")]
    private static partial void SequenceFailed(ILogger logger, string requestId, int choice, string errorType, string errorMessage);
}
