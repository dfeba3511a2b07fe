using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

internal sealed partial class WorkerGrain
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Worker {Worker} at {Address} registered as incarnation {Incarnation}.")]
    private partial void LogRegistered(string worker, string address, long incarnation);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "Worker {Worker} was {Before} and is {Now}.")]
    private partial void LogHealth(string worker, WorkerHealth before, WorkerHealth now);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "Worker {Worker} has been dead for long and is forgotten.")]
    private partial void LogForgotten(string worker);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Replicas of which worker {Worker} holds something were not told that it registered: {Reason}")]
    private partial void LogReplicasNotTold(string worker, string reason);
}
