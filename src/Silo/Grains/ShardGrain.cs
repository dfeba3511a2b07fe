using Grpc.Core;
using Orleans;
using Winnow.Contracts;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
using Winnow.Hosting;

namespace Winnow.Silo.Grains;

/// <summary>One layer range of a replica: loads it on its worker and knows how far that is.</summary>
internal sealed partial class ShardGrain(ClusterChannels channels, ILogger<ShardGrain> logger) : Grain, IShardGrain
{
    private static readonly string[] PermanentTypes =
        [WorkerErrorTypes.InvalidLoad, WorkerErrorTypes.InvalidModel, WorkerErrorTypes.InsufficientMemory];

    private readonly ILogger _logger = logger;
    private ShardAssignment? _assignment;
    private ShardPlacement? _placement;
    private double _progress;

    /// <inheritdoc/>
    public async Task<ShardPlacement> Place(ShardAssignment assignment)
    {
        if (_assignment is { } before && before.Worker.WorkerId != assignment.Worker.WorkerId)
        {
            await UnloadAsync(before, assignment.Epoch);
        }
        (_assignment, _placement, _progress) = (assignment, null, 0);
        try
        {
            _placement = await LoadAsync(assignment);
            return _placement;
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
    public async Task Release()
    {
        if (_assignment is { } assignment)
        {
            (_assignment, _placement, _progress) = (null, null, 0);
            await UnloadAsync(assignment, assignment.Epoch);
        }
    }

    /// <inheritdoc/>
    public Task<ShardPlacement?> GetPlacement() => Task.FromResult(_placement);

    /// <inheritdoc/>
    public Task<double> GetProgress() => Task.FromResult(_progress);

    private async Task<ShardPlacement> LoadAsync(ShardAssignment assignment)
    {
        Worker.WorkerClient worker = new(channels.Get(assignment.Worker.Address));
        using AsyncServerStreamingCall<LoadProgress> call = worker.Load(Request(assignment));
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            LoadProgress report = call.ResponseStream.Current;
            _progress = Math.Clamp(report.Fraction, 0, 1);
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
                };
            }
        }
        throw new RpcException(new Status(StatusCode.Internal, "The worker ended the load without a word"));
    }

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

    /// <summary>Frees a shard. A worker that is gone has freed it already; one that refuses holds a newer one.</summary>
    private async Task UnloadAsync(ShardAssignment assignment, long epoch)
    {
        try
        {
            Worker.WorkerClient worker = new(channels.Get(assignment.Worker.Address));
            await worker.UnloadAsync(new UnloadRequest { Replica = assignment.Replica, ShardIndex = assignment.Index, Epoch = epoch });
        }
        catch (RpcException exception)
        {
            LogNotUnloaded(assignment.Replica, assignment.Index, assignment.Worker.WorkerId, exception.Status.Detail);
        }
    }
}
