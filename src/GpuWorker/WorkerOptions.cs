using Winnow.Contracts.V1;
using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker;

/// <summary>Options of a worker process; section <c>Worker</c>.</summary>
public sealed class WorkerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Worker";

    /// <summary>
    /// Name of this worker in the cluster: at most 128 ASCII letters, digits, '.', '_' and '-'. A worker that comes back under its name replaces its old entry. Default empty: machine name and process id.
    /// </summary>
    public string WorkerId { get; set; } = "";

    /// <summary>gRPC address to listen on, <c>https://</c> with TLS; port 0 takes a free one. Default <c>http://127.0.0.1:0</c>.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:0";

    /// <summary>Address of <c>/health</c> and <c>/metrics</c> (HTTP/1.1); port 0 takes a free one. Default <c>http://127.0.0.1:0</c>.</summary>
    public string HttpListen { get; set; } = "http://127.0.0.1:0";

    /// <summary>
    /// gRPC address that gateways and other workers dial. Default empty: the address listened on, with the machine's name when that is every address.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>ClusterControl addresses of silos, tried in turn. Default none: the worker stands alone and is loaded by whoever calls it.</summary>
    public IList<string> SiloAddresses { get; set; } = [];

    /// <summary>What may be placed here: <c>target</c>, <c>draft</c> or <c>both</c>. Default both.</summary>
    public string Role { get; set; } = "both";

    /// <summary>
    /// What to compute on: <c>cpu</c>, <c>cuda:N</c>, <c>opencl:N</c>, or <c>auto</c>, the first CUDA device that can be used and otherwise the processor;
    /// <c>winnow devices</c> lists them. Two or four devices of one kind and model joined by <c>+</c>, such as <c>cuda:0+cuda:1</c>, share every
    /// layer and give the bits of one. <c>ilgpu-cpu</c> runs the device kernels on the processor, slowly, for tests. Default auto.
    /// </summary>
    public string Device { get; set; } = "auto";

    /// <summary>Compute threads of the processor; more than the cores makes every step slower. Default 0: all cores. Range 0 to 1024.</summary>
    public int Threads { get; set; }

    /// <summary>
    /// Binds each compute thread but the first to one processor: steadier speed where the machine has nothing else to do, slower where
    /// processes share it. Linux only; elsewhere without effect. Default false.
    /// </summary>
    public bool PinThreads { get; set; }

    /// <summary>
    /// Budget in bytes for weights, KV cache and scratch together; a load that does not fit is refused. Default 0: 60 % of the memory the
    /// process may use, or 90 % of the memory of a device of its own. Set it when several workers share a machine or a device. Range 0 to 2^60.
    /// </summary>
    public long MemoryBytes { get; set; }

    /// <summary>
    /// Stored form of keys and values: <c>f16</c>, <c>f32</c>, <c>q8_0</c> (53 % of f16's memory) or <c>q4_0</c> (28 %). Part of the numerics id.
    /// Default f16.
    /// </summary>
    public string KvType { get; set; } = "f16";

    /// <summary>
    /// Form in which hidden states go to the next shard: <c>f32</c>, <c>f16</c> (half the bytes) or <c>q8</c> (28 %). Only f32 keeps tokens equal for
    /// every number of shards; the others are part of the numerics id. Default f32.
    /// </summary>
    public string HiddenType { get; set; } = "f32";

    /// <summary>Secret that every gRPC call must carry, and that this worker's own calls carry. Default none.</summary>
    public string? ClusterToken { get; set; }

    /// <summary>Allows plain gRPC with other machines, and an HTTP address that they reach without a token. Default false.</summary>
    public bool Insecure { get; set; }

    /// <summary>
    /// Steps and drafts that may wait for the device before callers are held back. Larger hides jitter, smaller bounds latency. Default 64, range 1 to 4096.
    /// </summary>
    public int DeviceQueue { get; set; } = 64;

    /// <summary>Results that may wait for the coordinator before its session is ended. Default 256, range 1 to 65536.</summary>
    public int ResultBuffer { get; set; } = 256;

    /// <summary>Seconds to keep trying to reach the next shard while loading. Default 30, range 1 to 600.</summary>
    public int ConnectSeconds { get; set; } = 30;

    /// <summary>
    /// Longest wait in seconds between two attempts to reach a silo; attempts start at a tenth of a second and double. Default 5, range 1 to 300.
    /// </summary>
    public int SiloRetrySeconds { get; set; } = 5;

    /// <summary>
    /// Seconds that a worker which is told to stop goes on serving while what it holds is placed elsewhere; it leaves as soon as it holds nothing. Default 45, range 0 to 600.
    /// </summary>
    public int DrainSeconds { get; set; } = 45;

    /// <summary><see cref="Device"/>, read.</summary>
    internal DeviceSelection Devices => DeviceSelection.TryParse(Device, out DeviceSelection? devices) ? devices : new DeviceSelection(default(DeviceChoice));

    /// <summary><see cref="HiddenType"/> as the wire names it.</summary>
    internal HiddenType WireHiddenType => HiddenType.ToLowerInvariant() switch
    {
        "f16" => Contracts.V1.HiddenType.F16,
        "q8" => Contracts.V1.HiddenType.Q8,
        _ => Contracts.V1.HiddenType.F32,
    };

    /// <summary><see cref="Role"/> as the wire names it.</summary>
    internal WorkerRole WireRole => Role.ToLowerInvariant() switch
    {
        "target" => WorkerRole.Target,
        "draft" => WorkerRole.Draft,
        _ => WorkerRole.Both,
    };
}
