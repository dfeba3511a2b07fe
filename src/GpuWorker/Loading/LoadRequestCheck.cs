using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Loading;

/// <summary>Checks what a load request says of itself; whether it fits the model is checked when the file is open.</summary>
internal static class LoadRequestCheck
{
    private const int MaxNameLength = 256;
    private const int MaxShards = 1024;
    private const int MaxBlocks = 1 << 24;
    private const int MaxScratch = 1 << 20;
    private const int MaxContext = 1 << 24;

    /// <summary>The fault of a request that cannot be meant, or <see langword="null"/>.</summary>
    public static WorkerFault? Problem(LoadRequest request)
    {
        string? text = Names(request) ?? Position(request) ?? Sizes(request);
        return text is null ? null : new WorkerFault(StatusCode.InvalidArgument, WorkerErrorTypes.InvalidLoad, text);
    }

    private static string? Names(LoadRequest request)
    {
        if (request.Replica.Length is 0 or > MaxNameLength)
        {
            return $"replica '{request.Replica}' has {request.Replica.Length} characters; allowed are 1 to {MaxNameLength}.";
        }
        if (request.ModelPath.Length == 0)
        {
            return "model_path '' is empty; give the path of a GGUF file or a Hugging Face folder on the worker's machine.";
        }
        bool needsNext = !request.Draft && request.ShardIndex < request.ShardCount - 1;
        if (needsNext != (request.NextAddress.Length > 0))
        {
            return $"next_address '{request.NextAddress}' of shard {request.ShardIndex} of {request.ShardCount} is wrong; every shard but the last needs one.";
        }
        if (request.HeadPath.Length > 0 && (request.Draft || request.ShardIndex < request.ShardCount - 1))
        {
            return $"head_path '{request.HeadPath}' is given to shard {request.ShardIndex} of {request.ShardCount}; a head drafts on the last shard.";
        }
        if (request.ExitPath.Length > 0 && (request.Draft || request.ShardIndex > 0))
        {
            return $"exit_path '{request.ExitPath}' is given to shard {request.ShardIndex} of {request.ShardCount}; an early exit drafts on the first shard.";
        }
        if (request.StopHeadPath.Length > 0 && !request.Draft)
        {
            return $"stop_head_path '{request.StopHeadPath}' is given to shard {request.ShardIndex} of {request.ShardCount}; a stop head goes with a draft model.";
        }
        bool valid = !needsNext || (Uri.TryCreate(request.NextAddress, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https");
        return valid ? null : $"next_address '{request.NextAddress}' is not an address; write http://HOST:PORT.";
    }

    private static string? Position(LoadRequest request)
    {
        if (request.Draft)
        {
            return null;
        }
        if (request.ShardCount is < 1 or > MaxShards || request.ShardIndex < 0 || request.ShardIndex >= request.ShardCount)
        {
            return $"shard '{request.ShardIndex}' of '{request.ShardCount}' does not exist; allowed are 0 to count - 1 and counts of 1 to {MaxShards}.";
        }
        if (request.FirstLayer < 0 || request.LastLayer <= request.FirstLayer || (request.FirstLayer == 0) != (request.ShardIndex == 0))
        {
            return $"layers '{request.FirstLayer}' to '{request.LastLayer}' are not a range of shard {request.ShardIndex}; "
                + "the first shard, and only it, begins at layer 0, and a range is not empty.";
        }
        return null;
    }

    private static string? Sizes(LoadRequest request)
    {
        if (request.Kv is not { } kv)
        {
            return "kv is missing; give block_tokens, block_count and scratch_tokens.";
        }
        if (kv.BlockTokens is not (16 or 32))
        {
            return $"kv.block_tokens '{kv.BlockTokens}' is not allowed; allowed are 16 and 32.";
        }
        if (kv.BlockCount is < 1 or > MaxBlocks)
        {
            return $"kv.block_count '{kv.BlockCount}' is out of range; allowed are 1 to {MaxBlocks}.";
        }
        if (kv.ScratchTokens is < 0 or > MaxScratch)
        {
            return $"kv.scratch_tokens '{kv.ScratchTokens}' is out of range; allowed are 0 to {MaxScratch}.";
        }
        return request.ContextTokens is < 0 or > MaxContext
            ? $"context_tokens '{request.ContextTokens}' is out of range; allowed are 0 (the model's own) to {MaxContext}."
            : null;
    }
}
