using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Wire;
using Winnow.Inference.Execution;
using WireResult = Winnow.Contracts.V1.StepResult;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>One step of one session on the device: runs it, then hands on its hidden states or publishes its results.</summary>
internal sealed class StepWork(StepSession session, StepMessage message, StepBatch batch, EpochFence fence, StepObserver observer) : DeviceWork
{
    private ShardEngine? _started;
    private long _began;

    /// <inheritdoc/>
    public override bool IsUnderWay => _started is not null;

    // A session's steps share one engine, which knows whether it takes a second one.
    /// <inheritdoc/>
    public override bool MayRunBeside(DeviceWork other) => other is StepWork { _started.MayStart: true } step && step.Session == session;

    /// <inheritdoc/>
    public override void Run()
    {
        if (session.Fault is not null || session.Token.IsCancellationRequested)
        {
            return;
        }
        if (fence.Check(session.Host.Replica, session.Epoch) is { } stale)
        {
            session.Fail(stale, message.Step);
            return;
        }
        Guarded(Start);
    }

    /// <inheritdoc/>
    public override void Finish() => Guarded(End);

    private StepSession Session => session;

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (OperationCanceledException) when (session.Token.IsCancellationRequested)
        {
            // The session is over; nobody waits for this step.
        }
        catch (DeviceException exception)
        {
            // Ends the device's loop, and with it the worker.
            Abandon(exception);
            throw;
        }
        catch (Exception exception)
        {
            observer.Failed(session, message.Step, exception);
            Fail(WorkerErrorTypes.StepFailed, $"Step '{message.Step}' failed on shard '{session.Host.Index}': {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public override void Abandon(Exception reason) =>
        Fail(WorkerErrorTypes.StepFailed, $"Step '{message.Step}' cannot run: the device's loop ended: {reason.Message}");

    private void Start()
    {
        _began = Stopwatch.GetTimestamp();
        ShardEngine engine = session.Host.EngineFor(session);
        if (message.HiddenType == HiddenType.F32)
        {
            engine.Start(batch, MemoryMarshal.Cast<byte, float>(message.Hidden.Span), session.Token);
        }
        else
        {
            StartDecoded(engine);
        }
        _started = engine;
    }

    private void StartDecoded(ShardEngine engine)
    {
        int modelSize = session.Host.ModelSize;
        int floats = message.Hidden.Length / HiddenCodec.RowBytes(message.HiddenType, modelSize) * modelSize;
        float[] rows = ArrayPool<float>.Shared.Rent(floats);
        try
        {
            HiddenCodec.Decode(message.HiddenType, message.Hidden.Span, modelSize, rows.AsSpan(0, floats));
            engine.Start(batch, rows.AsSpan(0, floats), session.Token);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
        }
    }

    private void End()
    {
        ShardEngine engine = _started!;
        _started = null;
        StepOutcome outcome = engine.Finish();
        TimeSpan elapsed = session.Took(_began);
        if (outcome.Error is { } error)
        {
            Fail(error.Type, error.Message);
            return;
        }
        observer.Ran(outcome, elapsed, engine.OpenSlots);
        long micros = (long)elapsed.TotalMicroseconds;
        if (outcome.Result is not null)
        {
            Publish(outcome.Result, micros);
        }
        else
        {
            HandOn(outcome, micros);
        }
    }

    private void Publish(Inference.Execution.StepResult result, long micros)
    {
        if (session.Publish(StepCodec.Encode(result, micros)))
        {
            session.Ack(message.Step, micros);
            return;
        }
        Fail(WorkerErrorTypes.ResultsNotRead, $"Result of step '{message.Step}' has no room: the coordinator does not read its results.");
    }

    private void HandOn(StepOutcome outcome, long micros)
    {
        ShardHost host = session.Host;
        int bytes = outcome.Hidden.Length / host.ModelSize * HiddenCodec.RowBytes(host.HiddenType, host.ModelSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        HiddenCodec.Encode(host.HiddenType, outcome.Hidden.Span, host.ModelSize, buffer.AsSpan(0, bytes));
        if (!ReferenceEquals(outcome.Batch, batch))
        {
            StepCodec.ReplaceRows(message, outcome.Batch);
        }
        message.ShardIndex = host.Index + 1;
        message.HiddenType = host.HiddenType;
        message.Hidden = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, bytes));
        session.HandOn(new OutboundStep(message, buffer, bytes, micros, outcome.Mirrors));
    }

    private void Fail(string type, string text)
    {
        WorkerFault fault = new(StatusCode.Aborted, type, text);
        if (session.Host.IsLast)
        {
            session.Publish(new WireResult { Epoch = session.Epoch, Step = message.Step, Error = fault.ToDetail() });
        }
        session.Fail(fault, message.Step);
    }
}
