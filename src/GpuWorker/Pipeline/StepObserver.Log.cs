namespace Winnow.GpuWorker.Pipeline;

public sealed partial class StepObserver
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "Steps of replica {Replica} begin on shard {Shard} in epoch {Epoch}.")]
    private partial void LogBegan(string replica, int shard, long epoch);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "Steps of replica {Replica} ended on shard {Shard} in epoch {Epoch}.")]
    private partial void LogEnded(string replica, int shard, long epoch);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Warning,
        Message = "Steps of replica {Replica} failed on shard {Shard} in epoch {Epoch} ({Type}): {Reason}")]
    private partial void LogFailed(string replica, int shard, long epoch, string type, string reason);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Error, Message = "Step {Step} of replica {Replica} threw on shard {Shard}.")]
    private partial void LogStepException(Exception exception, long step, string replica, int shard);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Debug, Message = "The caller of replica {Replica}, shard {Shard} is gone: {Reason}")]
    private partial void LogCallerGone(string replica, int shard, string reason);
}
