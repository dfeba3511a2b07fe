using Winnow.Contracts.V1;
using Winnow.GpuWorker.Loading;
using Winnow.Inference.Execution;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>
/// One loaded target shard: its weights and KV cache, the session that feeds it, and at the last shard the call that reads its results.
/// </summary>
/// <remarks>
/// At most one session is served; a newer one takes over and the older one fails. Sessions and subscriptions meet here under a lock;
/// the engine belongs to the device's loop alone.
/// </remarks>
public sealed class ShardHost
{
    private readonly Lock _gate = new();
    private readonly LoadedModel _model;
    private StepSession? _current;
    private ResultSubscription? _waiting;
    private StepSession? _owner;
    private bool _isClosed;
    private ShardEngine _engine;

    /// <summary>Takes over a loaded shard.</summary>
    /// <param name="request">The load request that it answers.</param>
    /// <param name="model">Weights and KV cache; disposed by <see cref="DisposeModel"/>.</param>
    public ShardHost(LoadRequest request, LoadedModel model)
    {
        Request = request;
        _model = model;
        _engine = new ShardEngine(model.Shard, head: model.Head, exit: model.Exit, grammars: model.Grammars);
        IsLast = Shard.Spec.HasHead;
    }

    /// <summary>The load request, with the newest epoch and next address.</summary>
    public LoadRequest Request { get; private set; }

    /// <summary>Replica id.</summary>
    public string Replica => Request.Replica;

    /// <summary>Position in the pipeline.</summary>
    public int Index => Request.ShardIndex;

    /// <summary>Whether it samples and verifies.</summary>
    public bool IsLast { get; }

    /// <summary>Bytes reserved for it.</summary>
    public long ReservedBytes => _model.ReservedBytes;

    /// <summary>KV blocks.</summary>
    public int KvBlocks => Shard.Spec.BlockCount;

    /// <summary>Width of a hidden state.</summary>
    public int ModelSize => Shard.Spec.ModelSize;

    /// <summary>Whether a step stream feeds it now.</summary>
    public bool IsServed
    {
        get
        {
            lock (_gate)
            {
                return _current is not null;
            }
        }
    }

    /// <summary>Form in which hidden states go to the next shard.</summary>
    public HiddenType HiddenType { get; init; }

    /// <summary>What the inventory says of it.</summary>
    public LoadedShard Describe() => new()
    {
        Replica = Replica,
        ShardIndex = Index,
        Epoch = Request.Epoch,
        Numerics = IsLast || HiddenType == HiddenType.F32 ? Shard.Numerics : $"{Shard.Numerics}/hidden-{HiddenType.ToString().ToLowerInvariant()}",
        WeightBytes = (ulong)Shard.WeightBytes,
        KvBytes = (ulong)Shard.KvBytes,
    };

    /// <summary>Takes a new epoch and next address over the same weights; whoever was served before is not any more.</summary>
    public void Replace(LoadRequest request)
    {
        End(WorkerFault.StaleEpoch(Replica, Request.Epoch, request.Epoch));
        Request = request;
    }

    /// <summary>A step stream begins: it replaces the one before. Fails at once on a shard that is being unloaded.</summary>
    public void Begin(StepSession session)
    {
        StepSession? old;
        ResultSubscription? outdated = null;
        lock (_gate)
        {
            if (_isClosed)
            {
                session.Fail(WorkerFault.UnknownReplica(Replica, Index));
                return;
            }
            old = _current;
            _current = session;
            if (_waiting is { } waiting)
            {
                _waiting = null;
                if (waiting.Epoch == session.Epoch)
                {
                    session.Bind(waiting);
                }
                else
                {
                    outdated = waiting;
                }
            }
        }
        old?.Fail(WorkerFault.Superseded(Replica, Index));
        outdated?.Fail(WorkerFault.StaleEpoch(Replica, outdated.Epoch, session.Epoch));
    }

    /// <summary>A results stream begins: it is bound to the running session, or waits for the next one.</summary>
    public void Subscribe(ResultSubscription subscription)
    {
        StepSession? outdated = null;
        ResultSubscription? replaced;
        lock (_gate)
        {
            if (_isClosed)
            {
                subscription.Fail(WorkerFault.UnknownReplica(Replica, Index));
                return;
            }
            replaced = _waiting;
            _waiting = null;
            if (_current is { IsBound: false } current && current.Epoch == subscription.Epoch)
            {
                current.Bind(subscription);
            }
            else
            {
                outdated = _current;
                _waiting = subscription;
            }
        }
        replaced?.Fail(WorkerFault.Superseded(Replica, Index));
        outdated?.Fail(WorkerFault.Superseded(Replica, Index));
    }

    /// <summary>A results stream ended: a session without a reader is of no use.</summary>
    public void Unsubscribe(ResultSubscription subscription)
    {
        lock (_gate)
        {
            if (_waiting == subscription)
            {
                _waiting = null;
            }
        }
    }

    /// <summary>A step stream ended.</summary>
    public void Forget(StepSession session)
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
        StepSession? session;
        ResultSubscription? waiting;
        lock (_gate)
        {
            (session, waiting) = (_current, _waiting);
            (_current, _waiting) = (null, null);
        }
        session?.Fail(fault);
        waiting?.Fail(fault);
    }

    /// <summary>The engine, without a trace of other sessions. Only on the device's loop.</summary>
    public ShardEngine EngineFor(StepSession session)
    {
        if (_owner != session)
        {
            ResetEngine();
            _owner = session;
        }
        return _engine;
    }

    /// <summary>Forgets a session's sequences, unless another session has begun. Only on the device's loop.</summary>
    public void Clear(StepSession session)
    {
        if (_owner == session)
        {
            ResetEngine();
        }
    }

    /// <summary>Frees weights and KV cache. Only on the device's loop.</summary>
    public void DisposeModel() => _model.Dispose();

    private IShard Shard => _model.Shard;

    /// <summary>The engine's state is small beside the shard's: a fresh one is a clean one.</summary>
    private void ResetEngine()
    {
        _owner = null;
        _engine = new ShardEngine(Shard, head: _model.Head, exit: _model.Exit, grammars: _model.Grammars);
    }
}
