namespace Winnow.GpuWorker.Control;

internal sealed partial class SiloLink
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "Worker {Worker} on {Device} is registered with silo {Silo} as incarnation {Incarnation}.")]
    private partial void LogRegistered(string worker, string device, string silo, long incarnation);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "Silo {Silo} did not take the registration, trying again: {Reason}")]
    private partial void LogNotRegistered(string silo, string reason);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "Silo {Silo} lost this worker, registering again: {Reason}")]
    private partial void LogLost(string silo, string reason);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Critical, Message = "The link to the silo failed in an unexpected way; this worker stops.")]
    private partial void LogFatal(Exception exception);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Information, Message = "Worker {Worker} is draining.")]
    private partial void LogDraining(string worker);
}
