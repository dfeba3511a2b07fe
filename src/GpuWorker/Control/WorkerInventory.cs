using System.Globalization;
using Microsoft.Extensions.Options;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.Hosting;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Control;

/// <summary>What this worker is and has, for the silo and for whoever asks.</summary>
internal sealed class WorkerInventory(
    IOptions<WorkerOptions> options, ProcessEndpoints endpoints, MemoryBudget memory, ShardTable shards, IComputeBackend backend,
    DeviceDescription device, DeviceSpeed speed, PeerLatencies peers)
{
    private readonly string _instance = Guid.NewGuid().ToString("N");

    /// <summary>Name of this worker in the cluster.</summary>
    public string WorkerId { get; } =
        options.Value.WorkerId.Length > 0 ? options.Value.WorkerId : WorkerIds.Of($"{Environment.MachineName.ToLowerInvariant()}-{Environment.ProcessId}");

    /// <summary>A number from 0 to 1 that is another one in every process.</summary>
    public double Share => uint.Parse(_instance.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / (double)uint.MaxValue;

    /// <summary>gRPC address that others dial.</summary>
    /// <exception cref="InvalidOperationException">The process does not listen yet.</exception>
    public string Address => options.Value.AdvertisedAddress.Length > 0
        ? options.Value.AdvertisedAddress
        : AdvertisedAddress.Of(options.Value.Listen, endpoints.Url(ProcessEndpoint.Grpc));

    /// <summary>The whole inventory.</summary>
    public WorkerInfo Describe() => new()
    {
        WorkerId = WorkerId,
        Address = Address,
        Role = options.Value.WireRole,
        Device = backend.Device,
        MemoryBytes = (ulong)memory.TotalBytes,
        MemoryUsedBytes = (ulong)memory.UsedBytes,
        Backend = backend.Name,
        KernelVersion = backend.KernelVersion,
        ProcessId = Environment.ProcessId,
        KvType = options.Value.KvType.ToLowerInvariant(),
        CopyBytesPerSecond = speed.CopyBytesPerSecond,
        WeightBytesPerSecond = speed.WeightBytesPerSecond,
        Instance = _instance,
        Devices = device.Devices,
        Shards = { shards.Describe() },
    };

    /// <summary>A heartbeat.</summary>
    public Heartbeat Beat(long incarnation, bool draining) => new()
    {
        WorkerId = WorkerId,
        Incarnation = incarnation,
        MemoryUsedBytes = (ulong)memory.UsedBytes,
        Shards = { shards.Describe() },
        Draining = draining,
        Peers = { peers.Known },
    };
}
