using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Access;

internal sealed partial class ApiKeys
{
    [LoggerMessage(EventId = 2501, Level = LogLevel.Information, Message = "Key file '{Path}' was read again; '{Count}' keys are known now")]
    private partial void LogReloaded(string path, int count);

    [LoggerMessage(EventId = 2502, Level = LogLevel.Warning, Message = "The changed key file '{Path}' cannot be used, the keys stay as they were: {Reason}")]
    private partial void LogNotReloaded(string path, string reason);
}
