using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>A worker with a draft model.</summary>
/// <param name="Address">Its gRPC address.</param>
/// <param name="Client">Its client.</param>
internal sealed record DraftWorker(string Address, V1.Worker.WorkerClient Client);
