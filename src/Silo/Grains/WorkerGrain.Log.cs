using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

internal sealed partial class WorkerGrain
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Worker {Worker} at {Address} registered as incarnation {Incarnation}.")]
    private partial void LogRegistered(string worker, string address, long incarnation);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "Worker {Worker} was {Before} and is {Now}.")]
    private partial void LogHealth(string worker, WorkerHealth before, WorkerHealth now);
}
