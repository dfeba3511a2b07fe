using Grpc.Core;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
using Winnow.Inference.Cache;

namespace Winnow.Silo.Control;

/// <summary>The silo's edge for workers: registrations and beats become calls to the worker's grain.</summary>
internal sealed class ClusterControlService(IGrainFactory grains, IOptions<SiloOptions> options, IHostApplicationLifetime lifetime)
    : ClusterControl.ClusterControlBase
{
    private const int LongestId = 128;
    private const int LongestDevice = 256;
    private const int LongestAddress = 512;
    private const int MostLinks = 64;
    private const int MostDevices = 64;
    private const int MostShards = 4096;
    private const int LongestReplica = 512;

    /// <inheritdoc/>
    public override async Task<RegisterReply> Register(WorkerInfo request, ServerCallContext context)
    {
        long incarnation = await grains.GetGrain<IWorkerGrain>(CheckId(request.WorkerId)).Register(ToRecord(request));
        return new RegisterReply { Incarnation = incarnation, BeatIntervalMs = options.Value.BeatIntervalMs };
    }

    /// <inheritdoc/>
    public override async Task Beat(IAsyncStreamReader<Heartbeat> requestStream, IServerStreamWriter<BeatReply> responseStream, ServerCallContext context)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        Heartbeat? last = null;
        try
        {
            while (await requestStream.MoveNext(stop.Token))
            {
                Heartbeat beat = requestStream.Current;
                IWorkerGrain worker = grains.GetGrain<IWorkerGrain>(CheckId(beat.WorkerId));
                last = beat;
                BeatAnswer answer = await worker.Beat(ToBeat(beat));
                await responseStream.WriteAsync(new BeatReply { RegisterAgain = !answer.IsKnown, Peers = { answer.Peers } });
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or RpcException { StatusCode: not StatusCode.InvalidArgument })
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "This silo is shutting down; register with another."));
            }
        }
        finally
        {
            if (last is { Draining: false } && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await grains.GetGrain<IWorkerGrain>(last.WorkerId).StreamBroken(last.Incarnation);
            }
        }
    }

    private static string CheckId(string workerId) => WorkerIds.IsValid(workerId)
        ? workerId
        : throw Invalid($"worker_id '{Short(workerId)}' is not allowed; allowed are {WorkerIds.Allowed}. Set Worker:WorkerId.");

    private static string CheckLength(WorkerInfo info, string field, string text, int most) => text.Length <= most
        ? text
        : throw Invalid($"{field} '{Short(text)}' of worker '{info.WorkerId}' has {text.Length} characters; allowed are up to {most}.");

    private static string Short(string text) => text.Length <= LongestId ? text : text[..LongestId] + "…";

    private static WorkerBeat ToBeat(Heartbeat beat) => new()
    {
        Incarnation = beat.Incarnation,
        MemoryUsedBytes = (long)Math.Min(beat.MemoryUsedBytes, long.MaxValue),
        Draining = beat.Draining,
        Links = beat.Peers.Take(MostLinks).Where(peer => peer.Micros >= 0 && peer.Address.Length <= LongestAddress)
            .Select(peer => new LinkLatency { Address = peer.Address, Seconds = peer.Micros / 1e6 }).ToArray(),
        Shards = ToShards(beat.Shards),
    };

    private static ReportedShard[] ToShards(IReadOnlyCollection<LoadedShard> shards) =>
        shards.Take(MostShards).Where(shard => shard.Replica.Length <= LongestReplica)
            .Select(shard => new ReportedShard { Replica = shard.Replica, Index = shard.ShardIndex }).ToArray();

    private static WorkerRecord ToRecord(WorkerInfo info) => new()
    {
        WorkerId = info.WorkerId,
        Address = Uri.TryCreate(CheckLength(info, "address", info.Address, LongestAddress), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? info.Address
            : throw Invalid($"address '{info.Address}' of worker '{info.WorkerId}' is not an address; write http://HOST:PORT."),
        Roles = info.Role switch
        {
            WorkerRole.Target => WorkerRoles.Target,
            WorkerRole.Draft => WorkerRoles.Draft,
            WorkerRole.Both => WorkerRoles.Target | WorkerRoles.Draft,
            _ => throw Invalid($"role '{info.Role}' of worker '{info.WorkerId}' is not known; allowed are target, draft and both."),
        },
        Device = CheckLength(info, "device", info.Device, LongestDevice),
        MemoryBytes = (long)Math.Min(info.MemoryBytes, long.MaxValue),
        ProcessId = info.ProcessId,
        Backend = CheckLength(info, "backend", $"{info.Backend}-{info.KernelVersion}", LongestDevice),
        KvType = KvTypes.TryParse(info.KvType, out KvType type) || info.KvType.Length == 0
            ? KvTypes.NameOf(type)
            : throw Invalid($"kv_type '{info.KvType}' of worker '{info.WorkerId}' is not known; allowed are {string.Join(", ", KvTypes.Names)}."),
        CopyBytesPerSecond = CheckSpeed(info, "copy_bytes_per_second", info.CopyBytesPerSecond),
        WeightBytesPerSecond = CheckSpeed(info, "weight_bytes_per_second", info.WeightBytesPerSecond),
        Devices = info.Devices is >= 0 and <= MostDevices
            ? Math.Max(1, info.Devices)
            : throw Invalid($"devices '{info.Devices}' of worker '{info.WorkerId}' is no number of them; send 0 to {MostDevices}."),
        Instance = CheckLength(info, "instance", info.Instance, LongestId),
        Shards = ToShards(info.Shards),
        Incarnation = 0,
        Health = WorkerHealth.Alive,
        LastBeat = default,
    };

    private static double CheckSpeed(WorkerInfo info, string field, double speed) => double.IsFinite(speed) && speed >= 0
        ? speed
        : throw Invalid($"{field} '{speed}' of worker '{info.WorkerId}' is no speed; send a number from 0 on.");

    private static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));
}
