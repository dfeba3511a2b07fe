using Winnow.Contracts.V1;
using Winnow.GpuWorker.Loading;
using Winnow.Inference.Drafting;

namespace Winnow.GpuWorker.Drafting;

/// <summary>One loaded draft model and the call that it answers; a newer call takes over. The engine belongs to the device's loop alone.</summary>
public sealed class DraftHost
{
    private readonly Lock _gate = new();
    private readonly LoadedModel _model;
    private DraftSession? _current;
    private DraftSession? _owner;
    private bool _isClosed;
    private IDraftEngine _engine;

    /// <summary>Takes over a loaded model.</summary>
    /// <param name="request">The load request that it answers.</param>
    /// <param name="model">Weights and KV cache; disposed by <see cref="DisposeModel"/>.</param>
    public DraftHost(LoadRequest request, LoadedModel model)
    {
        Request = request;
        _model = model;
        _engine = DraftEngines.Create(model.Shard, model.Bridge, stopHead: model.StopHead);
    }

    /// <summary>The load request, with the newest epoch.</summary>
    public LoadRequest Request { get; private set; }

    /// <summary>Replica id, such as <c>model/0/draft</c>.</summary>
    public string Replica => Request.Replica;

    /// <summary>Bytes reserved for it.</summary>
    public long ReservedBytes => _model.ReservedBytes;

    /// <summary>KV blocks.</summary>
    public int KvBlocks => _model.Shard.Spec.BlockCount;

    /// <summary>What the inventory says of it.</summary>
    public LoadedShard Describe() => new()
    {
        Replica = Replica,
        Epoch = Request.Epoch,
        Numerics = _model.Shard.Numerics,
        WeightBytes = (ulong)_model.Shard.WeightBytes,
        KvBytes = (ulong)_model.Shard.KvBytes,
    };

    /// <summary>Takes a new epoch over the same weights.</summary>
    public void Replace(LoadRequest request)
    {
        End(WorkerFault.StaleEpoch(Replica, Request.Epoch, request.Epoch));
        Request = request;
    }

    /// <summary>A draft call begins: it replaces the one before. Fails at once on a model that is being unloaded.</summary>
    public void Begin(DraftSession session)
    {
        DraftSession? old;
        lock (_gate)
        {
            if (_isClosed)
            {
                session.Fail(WorkerFault.UnknownReplica(Replica, 0));
                return;
            }
            old = _current;
            _current = session;
        }
        old?.Fail(WorkerFault.Superseded(Replica, 0));
    }

    /// <summary>A draft call ended.</summary>
    public void Forget(DraftSession session)
    {
        lock (_gate)
        {
            if (_current == session)
            {
                _current = null;
            }
        }
    }

    /// <summary>Ends whoever is served and lets nobody in any more; nothing touches the model after the work queued so far.</summary>
    public void Close(WorkerFault fault)
    {
        lock (_gate)
        {
            _isClosed = true;
        }
        End(fault);
    }

    private void End(WorkerFault fault)
    {
        DraftSession? session;
        lock (_gate)
        {
            session = _current;
            _current = null;
        }
        session?.Fail(fault);
    }

    /// <summary>The engine, without a trace of other calls. Only on the device's loop.</summary>
    public IDraftEngine EngineFor(DraftSession session)
    {
        if (_owner != session)
        {
            _engine = DraftEngines.Create(_model.Shard, _model.Bridge, stopHead: _model.StopHead);
            _owner = session;
        }
        return _engine;
    }

    /// <summary>Frees weights and KV cache. Only on the device's loop.</summary>
    public void DisposeModel() => _model.Dispose();
}
