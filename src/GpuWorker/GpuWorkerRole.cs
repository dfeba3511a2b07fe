using Winnow.Hosting;

namespace Winnow.GpuWorker;

/// <summary>The worker as an executable: its name, section and flags.</summary>
public static class GpuWorkerRole
{
    /// <summary>Name, section and flags of the worker.</summary>
    public static ProcessRole Definition { get; } = new()
    {
        Name = "worker",
        Section = WorkerOptions.Section,
        Description = "Winnow worker: hosts layer ranges of target models and draft models on one device.",
        Flags =
        [
            new("--id", "Worker:WorkerId", "ID", "name of this worker in the cluster"),
            new("--listen", "Worker:Listen", "ADDRESS", "gRPC address, default http://127.0.0.1:0 (a free port)"),
            new("--http-listen", "Worker:HttpListen", "ADDRESS", "address of health and metrics, default http://127.0.0.1:0"),
            new("--advertise", "Worker:AdvertisedAddress", "ADDRESS", "address the others dial, default the gRPC address"),
            new("--silo", "Worker:SiloAddresses:0", "ADDRESS", "ClusterControl address of a silo; without one the worker stands alone"),
            new("--role", "Worker:Role", "ROLE", "target, draft or both, default both"),
            new("--device", "Worker:Device", "DEVICE", "auto, cpu, cuda:N or opencl:N, or cuda:0+cuda:1 to share layers, default auto"),
            new("--threads", "Worker:Threads", "N", "compute threads, default 0 (all cores)"),
            new("--memory", "Worker:MemoryBytes", "BYTES", "memory budget, default 0 (a share of the machine)"),
            new("--kv-type", "Worker:KvType", "TYPE", "stored form of keys and values, default f16"),
            new("--token", "Worker:ClusterToken", "TOKEN", "secret of the cluster; better given as WINNOW_Worker__ClusterToken"),
            new("--insecure", "Worker:Insecure", null, "allow an address that others can reach without a token"),
        ],
    };
}
