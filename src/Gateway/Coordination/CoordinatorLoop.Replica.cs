using System.Threading.Channels;
using Winnow.Gateway.Coordination.Calibration;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination;

/// <content>Getting a replica, losing it, and going on with the next.</content>
internal sealed partial class CoordinatorLoop
{
    private void BeginAcquire()
    {
        _isRecovering = false;
        // Streams that broke off go on at once; what the costs were on the last replica is near enough until steps on the next one have been measured.
        _acquiring = AcquireAsync(++_replicaOrdinal, calibrates: _calibration.IsOn && !_calibrationFailed && _batch.Waiting.Count == 0);
    }

    // While another coordinator runs the replica, only requests of this one make it late.
    private bool IsReplicaAwaited => _replica is null && (!_source.IsStandby || _batch.Waiting.Count + _arrivals.Count > 0);

    // The deadline counts from when somebody began to wait, and what has expired is forgotten as soon as nobody does.
    private void WatchRecovery()
    {
        bool isAwaited = IsReplicaAwaited;
        if (isAwaited != _isRecovering)
        {
            _isRecovering = isAwaited;
            _recovery.Change(isAwaited ? _options.RecoveryTimeout : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        if (!isAwaited)
        {
            _refusal = null;
        }
    }

    private async Task<Replica?> AcquireAsync(long ordinal, bool calibrates)
    {
        try
        {
            Replica replica = await _source.AcquireAsync(_stop.Token).ConfigureAwait(false);
            if (calibrates && !replica.IsTakeover)
            {
                replica.Costs = await _calibration.RunAsync(replica, _stop.Token).ConfigureAwait(false);
            }
            Post(new LoopEvent(LoopEventKind.ReplicaReady, ordinal, replica));
            return replica;
        }
        catch (Exception exception)
        {
            // The loop tells every request; it alone decides what goes on.
            Post(new LoopEvent(LoopEventKind.ReplicaRefused, ordinal, exception));
            return null;
        }
    }

    private void Attach(Replica replica)
    {
        PipelineShape shape = replica.Pipeline.Shape;
        long ordinal = _replicaOrdinal;
        replica.Pipeline.OnMirrors(mirrors => Post(new LoopEvent(LoopEventKind.Mirrors, ordinal, mirrors)));
        _refusal = null;
        _replica = replica;
        _batch.Attach(shape);
        _pace.Reset();
        _speculator.Chooser.ScratchRows = shape.ScratchTokens;
        _speculator.Attach(replica.Drafter, shape.VocabularySize, shape.HasHead, shape.HasExit, _batch.Waiting);
        TakeCosts(replica.Costs);
        FailWaiting(sequence => Admission.Refusal(sequence.Request, shape));
        _ = PumpAsync(replica, ordinal);
        _shape = shape;
        Ready.TrySetResult(shape);
        ReplicaAttached(_logger, shape.Shards, shape.Epoch, shape.BlockCount, shape.BlockTokens, _batch.Waiting.Count);
    }

    private void TakeCosts(ReplicaCosts? costs)
    {
        _calibratedUntil = costs?.LastStep ?? 0;
        _step = Math.Max(_step, _calibratedUntil);
        // What broke a replica once might break every one: nothing is tried again that is not asked for.
        _calibrationFailed |= costs?.Fault is not null;
        if (costs is not null)
        {
            _speculator.Chooser.Calibrate(costs);
        }
    }

    private async Task PumpAsync(Replica replica, long ordinal)
    {
        Exception? cause = null;
        using CancellationTokenRegistration lost = replica.Lost.Register(() => Post(new LoopEvent(LoopEventKind.PipelineEnded, ordinal)));
        try
        {
            ChannelReader<StepResult> results = replica.Pipeline.Results;
            await foreach (StepResult result in results.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                Post(new LoopEvent(LoopEventKind.Result, ordinal, result));
            }
        }
        catch (Exception exception)
        {
            cause = exception;
        }
        Post(new LoopEvent(LoopEventKind.PipelineEnded, ordinal, cause));
    }

    // Every sequence keeps its tokens and goes on from them on the next replica; the law makes the rest identical.
    private void Detach(Exception? cause)
    {
        if (_replica is null)
        {
            return;
        }
        ReplicaBroke(_logger, _batch.Shape!.Epoch, _batch.Running.Count, cause);
        _instruments.ReplicaLost();
        Replica broken = _replica;
        _replica = null;
        _shape = null;
        var error = new StepError(GenerationErrors.Unavailable, cause?.Message ?? "The replica was lost.");
        foreach (StepInFlight step in _inFlight)
        {
            foreach (RunningSequence sequence in step.Sequences)
            {
                sequence.Retries += sequence.InFlight ? 1 : 0;
                sequence.ForgetSteps();
            }
            Recycle(step);
        }
        _inFlight.Clear();
        _speculator.Attach(null, 0, hasHead: false, hasExit: false, _batch.Running);
        _batch.Running.ForEach(_checkpoints.Leave);
        _batch.Detach();
        FailWaiting(sequence => sequence.Retries <= _options.MaxRetries ? null : new GenerationException(
            GenerationErrors.Internal, $"The generation failed after '{sequence.Generated}' tokens: {error.Message}", cause));
        _ = DisposeAsync(broken);
        BeginAcquire();
    }

    // It has been waited for as long as that, and may take as long again.
    private TimeSpan RefusalWait => _options.RecoveryTimeout < MostRefusalWait ? _options.RecoveryTimeout : MostRefusalWait;

    private void Refuse(Exception exception)
    {
        ReplicaNotAcquired(_logger, exception);
        _refusal = exception as GenerationException
            ?? new GenerationException(GenerationErrors.Unavailable, $"The model's replica cannot be reached: {exception.Message}", exception) { RetryAfter = RefusalWait };
        Ready.TrySetException(_refusal);
        FailWaiting(_ => _refusal);
    }

    private void Expire()
    {
        RecoveryExpired(_logger, _options.RecoveryTimeout.TotalSeconds, _batch.Waiting.Count);
        _refusal = new GenerationException(GenerationErrors.Unavailable,
            $"No replica of the model came up within '{_options.RecoveryTimeout.TotalSeconds}' s; try again later.")
        { RetryAfter = RefusalWait };
        FailWaiting(_ => _refusal);
    }

    private async Task DisposeAsync(Replica replica)
    {
        try
        {
            await replica.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A broken replica may fail to close as well; nobody waits for it any more.
            ReplicaNotClosed(_logger, exception);
        }
    }
}
