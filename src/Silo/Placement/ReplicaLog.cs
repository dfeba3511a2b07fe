namespace Winnow.Silo.Placement;

/// <summary>What is logged of replicas.</summary>
internal static partial class ReplicaLog
{
    [LoggerMessage(EventId = 3201, Level = LogLevel.Information,
        Message = "Replica {Replica} is ready in epoch {Epoch} on workers {Workers}, draft worker {Draft}, after {Milliseconds} ms.")]
    public static partial void Placed(ILogger logger, string replica, long epoch, string workers, string draft, double milliseconds);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Replica {Replica} was not placed: {Reason}")]
    public static partial void NotPlaced(ILogger logger, string replica, string reason);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "Replica {Replica} is placed again because {Reason}.")]
    public static partial void Lost(ILogger logger, string replica, string reason);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Information, Message = "Replica {Replica} is coordinated by gateway {Gateway} from epoch {Epoch} on.")]
    public static partial void Holder(ILogger logger, string replica, string gateway, long epoch);

    [LoggerMessage(EventId = 3205, Level = LogLevel.Information, Message = "Replica {Replica} moves while it serves because {Reason}.")]
    public static partial void Moving(ILogger logger, string replica, string reason);

    [LoggerMessage(EventId = 3220, Level = LogLevel.Information, Message = "Replica {Replica} gives up its move: a worker that serves it is lost.")]
    public static partial void Stopped(ILogger logger, string replica);

    [LoggerMessage(EventId = 3206, Level = LogLevel.Information, Message = "Replica {Replica} has its draft model on worker {Worker}, after {Milliseconds} ms.")]
    public static partial void DraftPlaced(ILogger logger, string replica, string worker, double milliseconds);

    [LoggerMessage(EventId = 3207, Level = LogLevel.Warning, Message = "Replica {Replica} goes on without its draft model: {Reason}")]
    public static partial void NoDraft(ILogger logger, string replica, string reason);

    [LoggerMessage(EventId = 3208, Level = LogLevel.Information, Message = "Replica {Replica} is unloaded.")]
    public static partial void Unloaded(ILogger logger, string replica);

    [LoggerMessage(EventId = 3209, Level = LogLevel.Warning, Message = "Replica {Replica} could not free what worker {Worker} holds in vain: {Reason}")]
    public static partial void NotFreed(ILogger logger, string replica, string worker, string reason);

    [LoggerMessage(EventId = 3221, Level = LogLevel.Warning, Message = "Workers hold of replica {Replica} what nobody asked them to, and are asked to free it: {Shards}.")]
    public static partial void Unknown(ILogger logger, string replica, string shards);

    [LoggerMessage(EventId = 3219, Level = LogLevel.Warning, Message = "Gateway {Gateway}, which coordinated replica {Replica} in epoch {Epoch}, cannot be reached; its lease is free.")]
    public static partial void HolderLost(ILogger logger, string replica, string gateway, long epoch);
}
