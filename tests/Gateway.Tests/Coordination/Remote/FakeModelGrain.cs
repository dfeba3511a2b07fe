using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Tests.Coordination.Remote;

/// <summary>A model grain that grants a lease on one placement, or not.</summary>
internal sealed class FakeModelGrain(ReplicaPlacement placement, TimeProvider time) : IModelGrain
{
    public long Epoch { get; set; } = 1;

    public string Holder { get; set; } = "";

    public int Acquisitions { get; private set; }

    public int Releases { get; private set; }

    public Task<CoordinatorLease> AcquireLease(string gatewayId, string gatewayAddress)
    {
        Acquisitions++;
        bool granted = Holder.Length == 0 || Holder == gatewayId;
        Holder = granted ? gatewayId : Holder;
        return Task.FromResult(new CoordinatorLease
        {
            Granted = granted,
            Holder = Holder,
            HolderAddress = "",
            Epoch = Epoch,
            ExpiresAt = time.GetUtcNow() + TimeSpan.FromSeconds(9),
            Placement = placement with { Epoch = Epoch },
        });
    }

    public Task ReleaseLease(string gatewayId)
    {
        Releases++;
        return Task.CompletedTask;
    }

    public Task Define(ModelDefinition definition) => Task.CompletedTask;

    public Task<ModelStatus> GetStatus() => throw new NotSupportedException();

    public Task WorkersChanged() => Task.CompletedTask;
}
