namespace Winnow.GpuWorker.Loading;

internal sealed partial class ShardLoading
{
    [LoggerMessage(EventId = 2301, Level = LogLevel.Information,
        Message = "Loaded shard {Shard} of replica {Replica} in epoch {Epoch}: {WeightBytes} bytes of weights, {KvBytes} of KV cache, {Milliseconds} ms.")]
    private partial void LogLoaded(string replica, int shard, long epoch, ulong weightBytes, ulong kvBytes, double milliseconds);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Warning, Message = "Did not load shard {Shard} of replica {Replica} in epoch {Epoch}: {Reason}")]
    private partial void LogRefused(string replica, int shard, long epoch, string reason);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Information,
        Message = "The draft model of {Replica} has another vocabulary ({DraftTokens} tokens) than its target ({TargetTokens}); {SharedTokens} tokens are the same. Its drafts are translated.")]
    private partial void LogTranslates(string replica, int draftTokens, int targetTokens, int sharedTokens);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Warning,
        Message = "{Tensors} matrices of {Replica} ({Types}) are rounded to F16, since no form of the device holds their types exactly: logits differ a little from the CPU's, "
            + "and they take {DeviceBytes} bytes instead of {FileBytes}. Q4_0, Q8_0, Q4_K and Q6_K are kept as they are.")]
    private partial void LogRounded(string replica, int tensors, string types, long fileBytes, long deviceBytes);

    [LoggerMessage(EventId = 2305, Level = LogLevel.Information, Message = "Attention of shard {Shard} of replica {Replica}: {Kernels}.")]
    private partial void LogAttention(int shard, string replica, string kernels);
}
