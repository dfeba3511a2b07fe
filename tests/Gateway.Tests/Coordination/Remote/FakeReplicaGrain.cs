using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Tests.Coordination.Remote;

/// <summary>A replica grain that grants a lease on one placement, or not.</summary>
internal sealed class FakeReplicaGrain(ReplicaPlacement placement, TimeProvider time) : IReplicaGrain
{
    private volatile TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _epoch = 1;
    private string _address = "";

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

    /// <summary>No call reaches it.</summary>
    public bool IsAway { get; set; }

    /// <summary>Who gets the lease when it is handed over.</summary>
    public (string Id, string Address) Waiting { get; private set; }

    /// <summary>Gateways that were said to be lost.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Gateways that are to be dead: though their code goes on in this process, they get no answer.</summary>
    public HashSet<string> Dead { get; } = [];

    public Task<CoordinatorLease> AcquireLease(string gatewayId, string gatewayAddress, string socket)
    {
        lock (Lost)
        {
            if (Dead.Contains(gatewayId))
            {
                return new TaskCompletionSource<CoordinatorLease>().Task;
            }
            Acquisitions++;
            if (IsAway)
            {
                return Task.FromException<CoordinatorLease>(new TimeoutException("the silo is away"));
            }
            bool granted = Holder.Length == 0 || Holder == gatewayId;
            if (granted)
            {
                (Holder, _address) = (gatewayId, gatewayAddress);
            }
            else
            {
                Waiting = (gatewayId, gatewayAddress);
            }
            return Task.FromResult(Lease(granted));
        }
    }

    public Task<CoordinatorLease> GetLease() => Task.FromResult(Lease(granted: false));

    public Task<CoordinatorLease> HandOver(string gatewayId)
    {
        lock (Lost)
        {
            Waiting = Waiting.Id == gatewayId ? default : Waiting;
            if (Holder == gatewayId && Waiting.Id is not null)
            {
                (Holder, _address) = Waiting;
                Epoch++;
            }
            return Task.FromResult(Lease(granted: false));
        }
    }

    public Task HolderLost(string gatewayId, long epoch)
    {
        lock (Lost)
        {
            Lost.Add(gatewayId);
            if (Holder == gatewayId)
            {
                (Holder, _address) = ("", "");
                Epoch++;
            }
            return Task.CompletedTask;
        }
    }

    public Task ReleaseLease(string gatewayId)
    {
        lock (Lost)
        {
            Releases++;
            Holder = Holder == gatewayId ? "" : Holder;
            return Task.CompletedTask;
        }
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

    private CoordinatorLease Lease(bool granted) => new()
    {
        Granted = granted,
        Holder = Holder,
        HolderAddress = _address,
        Epoch = Epoch,
        ExpiresAt = time.GetUtcNow() + TimeSpan.FromSeconds(9),
        Placement = Placement with { Epoch = Epoch },
    };
}
