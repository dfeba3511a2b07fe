using Grpc.Core;
using Orleans;
using Winnow.Contracts;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
using Winnow.Hosting;

namespace Winnow.Silo.Grains;

/// <summary>One layer range of a replica on one worker: loads it there, knows how far that is, and frees it.</summary>
internal sealed partial class ShardGrain(ClusterChannels channels, TimeProvider time, ILogger<ShardGrain> logger) : Grain, IShardGrain
{
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(10);
    private static readonly string[] PermanentTypes =
        [WorkerErrorTypes.InvalidLoad, WorkerErrorTypes.InvalidModel, WorkerErrorTypes.InsufficientMemory];

    private readonly ILogger _logger = logger;
    private double _progress;
    private FetchState? _fetch;

    /// <inheritdoc/>
    public async Task<ShardPlacement> Place(ShardAssignment assignment)
    {
        _progress = 0;
        try
        {
            return await LoadAsync(assignment);
        }
        catch (RpcException exception)
        {
            string type = exception.Trailers.GetValue(WorkerErrorTypes.Trailer) ?? "";
            LogFailed(assignment.Replica, assignment.Index, assignment.Worker.WorkerId, exception.Status.Detail);
            throw new PlacementException(
                $"Worker '{assignment.Worker.WorkerId}' at '{assignment.Worker.Address}' did not load shard {assignment.Index} of '{assignment.Replica}': "
                + $"{exception.Status.Detail.TrimEnd('.')}.",
                PermanentTypes.Contains(type));
        }
    }

    /// <inheritdoc/>
    public async Task<bool> Release(HeldShard shard, long epoch)
    {
        try
        {
            Worker.WorkerClient worker = new(channels.Get(shard.Address));
            UnloadRequest request = new() { Replica = shard.Replica, ShardIndex = shard.Index, Epoch = epoch };
            await worker.UnloadAsync(request, deadline: (time.GetUtcNow() + ReleaseLimit).UtcDateTime);
            DeactivateOnIdle();
            return true;
        }
        catch (RpcException exception)
        {
            LogNotUnloaded(shard.Replica, shard.Index, shard.WorkerId, exception.Status.Detail);
            return false;
        }
    }

    /// <inheritdoc/>
    public Task<double> GetProgress() => Task.FromResult(_progress);

    /// <inheritdoc/>
    public Task<FetchState?> GetFetch() => Task.FromResult(_fetch);

    private async Task<ShardPlacement> LoadAsync(ShardAssignment assignment)
    {
        Worker.WorkerClient worker = new(channels.Get(assignment.Worker.Address));
        using AsyncServerStreamingCall<LoadProgress> call = worker.Load(Request(assignment));
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            LoadProgress report = call.ResponseStream.Current;
            _progress = Math.Clamp(report.Fraction, 0, 1);
            _fetch = FetchOf(report);
            if (report is { Phase: "ready", Shard: { } shard })
            {
                return new ShardPlacement
                {
                    Index = assignment.Index,
                    FirstLayer = assignment.FirstLayer,
                    LastLayer = assignment.LastLayer,
                    WorkerId = assignment.Worker.WorkerId,
                    Address = assignment.Worker.Address,
                    ProcessId = assignment.Worker.ProcessId,
                    Numerics = shard.Numerics,
                    Instance = assignment.Worker.Instance,
                };
            }
        }
        throw new RpcException(new Status(StatusCode.Internal, "The worker ended the load without a word"));
    }

    private static FetchState? FetchOf(LoadProgress report) => report.NeededBytes <= 0 ? null : new FetchState
    {
        FetchedBytes = Math.Clamp(report.FetchedBytes, 0, report.NeededBytes),
        NeededBytes = report.NeededBytes,
        BytesPerSecond = Math.Max(0, report.FetchedPerSecond),
    };

    private static LoadRequest Request(ShardAssignment assignment) => new()
    {
        Replica = assignment.Replica,
        Epoch = assignment.Epoch,
        ModelPath = assignment.ModelPath,
        ShardIndex = assignment.Index,
        ShardCount = assignment.Count,
        FirstLayer = assignment.FirstLayer,
        LastLayer = assignment.LastLayer,
        Draft = assignment.Draft,
        Kv = new KvOptions
        {
            BlockTokens = assignment.KvBlockTokens,
            BlockCount = assignment.KvBlocks,
            ScratchTokens = assignment.ScratchTokens,
        },
        NextAddress = assignment.NextAddress,
        ContextTokens = assignment.ContextTokens,
        TargetPath = assignment.TargetPath,
        HeadPath = assignment.HeadPath,
        ExitPath = assignment.ExitPath,
        StopHeadPath = assignment.StopHeadPath,
    };
}
