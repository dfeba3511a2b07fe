using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Tests.Coordination.Remote;

/// <summary>A replica grain that grants a lease on one placement, or not.</summary>
internal sealed class FakeReplicaGrain(ReplicaPlacement placement, TimeProvider time) : IReplicaGrain
{
    private volatile TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _epoch = 1;

    public long Epoch
    {
        get => _epoch;
        set
        {
            _epoch = value;
            TaskCompletionSource moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            moved.SetResult();
        }
    }

    /// <summary>Epochs that were reported broken.</summary>
    public List<long> Broken { get; } = [];

    public ReplicaPlacement Placement { get; set; } = placement;

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
            Placement = Placement with { Epoch = Epoch },
        });
    }

    public Task ReleaseLease(string gatewayId)
    {
        Releases++;
        return Task.CompletedTask;
    }

    public Task Define(ModelDefinition definition) => Task.CompletedTask;

    public Task ReportBroken(long epoch)
    {
        Broken.Add(epoch);
        return Task.CompletedTask;
    }

    public Task WaitForPlacement(long otherThanEpoch)
    {
        Task moved = _moved.Task;
        return Epoch != otherThanEpoch ? Task.CompletedTask : moved;
    }

    public Task<bool> Retire(bool finish) => Task.FromResult(true);

    public Task<ReplicaStatus> GetStatus() => throw new NotSupportedException();

    public Task WorkersChanged() => Task.CompletedTask;
}
