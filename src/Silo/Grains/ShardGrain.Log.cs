namespace Winnow.Silo.Grains;

internal sealed partial class ShardGrain
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "Shard {Shard} of replica {Replica} was not loaded on worker {Worker}: {Reason}")]
    private partial void LogFailed(string replica, int shard, string worker, string reason);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Information, Message = "Shard {Shard} of replica {Replica} was not freed on worker {Worker}: {Reason}")]
    private partial void LogNotUnloaded(string replica, int shard, string worker, string reason);
}
