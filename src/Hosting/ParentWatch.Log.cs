using Microsoft.Extensions.Logging;

namespace Winnow.Hosting;

internal sealed partial class ParentWatch
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Stopping because the parent is gone: {Reason}.")]
    private partial void LogParentGone(string reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Debug, Message = "Reading stdin failed: {Reason}")]
    private partial void LogStdinFailed(string reason);
}
