using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Coordination;

internal sealed partial class CoordinatorLoop
{
    [LoggerMessage(3100, LogLevel.Information,
        "Replica ready: {Shards} shards, epoch {Epoch}, {BlockCount} KV blocks of {BlockTokens} tokens; {Waiting} sequences go on")]
    private static partial void ReplicaAttached(ILogger logger, int shards, long epoch, int blockCount, int blockTokens, int waiting);

    [LoggerMessage(3101, LogLevel.Warning, "The replica of epoch {Epoch} broke under {Running} sequences; they go on with the next one")]
    private static partial void ReplicaBroke(ILogger logger, long epoch, int running, Exception? cause);

    [LoggerMessage(3102, LogLevel.Error, "No replica can be had")]
    private static partial void ReplicaNotAcquired(ILogger logger, Exception exception);

    [LoggerMessage(3103, LogLevel.Error, "No replica came up within {Seconds} s; {Waiting} sequences fail")]
    private static partial void RecoveryExpired(ILogger logger, double seconds, int waiting);

    [LoggerMessage(3104, LogLevel.Debug, "A broken replica did not close cleanly")]
    private static partial void ReplicaNotClosed(ILogger logger, Exception exception);

    [LoggerMessage(3105, LogLevel.Warning, "Step {Step} failed: {ErrorType}: {ErrorMessage}")]
    private static partial void StepFailed(ILogger logger, long step, string errorType, string errorMessage);

    [LoggerMessage(3106, LogLevel.Critical, "The coordinator's loop failed; every request of the model has been failed")]
    private static partial void LoopFailed(ILogger logger, Exception exception);
}
