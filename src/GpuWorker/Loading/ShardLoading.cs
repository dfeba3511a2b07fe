using System.Threading.Channels;
using Grpc.Core;
using Polly;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Drafting;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Pipeline;
using Winnow.Hosting;
using Winnow.Hosting.Calls;

namespace Winnow.GpuWorker.Loading;

/// <summary>
/// Loads and unloads shards and draft models, one at a time. The same range of the same file under a newer epoch keeps its weights:
/// only its sequences and its epoch are new.
/// </summary>
internal sealed partial class ShardLoading : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);
    private readonly ModelLoader _loader;
    private readonly ShardTable _table;
    private readonly EpochFence _fence;
    private readonly DeviceLoop _device;
    private readonly HiddenType _hiddenType;
    private readonly MemoryBudget _memory;
    private readonly ClusterChannels _channels;
    private readonly TimeProvider _time;
    private readonly ILogger<ShardLoading> _logger;
    private readonly ResiliencePipeline _connect;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public ShardLoading(
        ModelLoader loader, ShardTable table, EpochFence fence, WorkerDevice device, ClusterChannels channels, TimeProvider time,
        ILogger<ShardLoading> logger)
    {
        (_loader, _table, _fence, _channels, _time, _logger) = (loader, table, fence, channels, time, logger);
        (_device, _memory, _hiddenType) = (device.Loop, device.Memory, device.Options.WireHiddenType);
        _connect = CallPolicies.KeepTrying(
            CallNames.NextShard, new CallDelays(FirstRetry, LongestRetry, TimeSpan.FromSeconds(device.Options.ConnectSeconds)), time,
            static exception => exception is RpcException { StatusCode: StatusCode.Unavailable });
    }

    /// <summary>Loads what is asked for and reports on the way; the last report has phase <c>ready</c>.</summary>
    /// <exception cref="WorkerFaultException">The load is refused or failed.</exception>
    public async Task LoadAsync(LoadRequest request, ChannelWriter<LoadProgress> progress, CancellationToken cancellation)
    {
        ThrowIf(LoadRequestCheck.Problem(request));
        long began = _time.GetTimestamp();
        await _turn.WaitAsync(cancellation);
        try
        {
            ThrowIf(_fence.Enter(request.Replica, request.Epoch));
            LoadedShard loaded = request.Draft
                ? await LoadDraftAsync(request, progress, cancellation)
                : await LoadShardAsync(request, progress, cancellation);
            TimeSpan elapsed = _time.GetElapsedTime(began);
            WorkerMetrics.LoadSeconds.Observe(elapsed.TotalSeconds);
            LogLoaded(request.Replica, request.ShardIndex, request.Epoch, loaded.WeightBytes, loaded.KvBytes, elapsed.TotalMilliseconds);
            Report(progress, 1, "ready", loaded);
        }
        catch (WorkerFaultException exception)
        {
            WorkerMetrics.LoadFailures.WithLabels(exception.Fault.Type).Inc();
            LogRefused(request.Replica, request.ShardIndex, request.Epoch, exception.Fault.Message);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Frees a shard or a draft model.</summary>
    /// <returns>Whether it was loaded.</returns>
    /// <exception cref="WorkerFaultException">The epoch is stale.</exception>
    public async Task<bool> UnloadAsync(UnloadRequest request, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            ThrowIf(_fence.Check(request.Replica, request.Epoch));
            WorkerFault fault = WorkerFault.UnknownReplica(request.Replica, request.ShardIndex);
            bool shard = _table.Find(request.Replica, request.ShardIndex) is { } host && await RemoveAsync(host, fault);
            bool draft = _table.FindDraft(request.Replica) is { } drafter && await RemoveAsync(drafter, fault);
            return shard || draft;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<LoadedShard> LoadShardAsync(LoadRequest request, ChannelWriter<LoadProgress> progress, CancellationToken cancellation)
    {
        ShardHost? host = _table.Find(request.Replica, request.ShardIndex);
        if (host is not null && HoldsSame(host.Request, request))
        {
            host.Replace(request);
        }
        else
        {
            if (host is not null)
            {
                await RemoveAsync(host, WorkerFault.StaleEpoch(request.Replica, host.Request.Epoch, request.Epoch));
            }
            host = new ShardHost(request, await LoadModelAsync(request, progress, cancellation)) { HiddenType = _hiddenType };
            _table.Add(host);
        }
        if (!host.IsLast)
        {
            Report(progress, 1, "connect");
            await ConnectAsync(request, cancellation);
        }
        return host.Describe();
    }

    private async Task<LoadedShard> LoadDraftAsync(LoadRequest request, ChannelWriter<LoadProgress> progress, CancellationToken cancellation)
    {
        DraftHost? host = _table.FindDraft(request.Replica);
        if (host is not null && HoldsSame(host.Request, request))
        {
            host.Replace(request);
            return host.Describe();
        }
        if (host is not null)
        {
            await RemoveAsync(host, WorkerFault.StaleEpoch(request.Replica, host.Request.Epoch, request.Epoch));
        }
        LoadedModel model = await LoadModelAsync(request, progress, cancellation);
        if (model.Bridge is { } bridge)
        {
            LogTranslates(request.Replica, bridge.Draft.VocabularySize, bridge.Target.VocabularySize, bridge.SharedTokens);
        }
        host = new DraftHost(request, model);
        _table.Add(host);
        return host.Describe();
    }

    private static bool HoldsSame(LoadRequest loaded, LoadRequest wanted)
    {
        LoadRequest same = loaded.Clone();
        (same.Epoch, same.NextAddress) = (wanted.Epoch, wanted.NextAddress);
        return same.Equals(wanted);
    }

    /// <summary>Loading is long and blocks, so it has a thread of its own; the device's loop goes on with other shards.</summary>
    private async Task<LoadedModel> LoadModelAsync(LoadRequest request, ChannelWriter<LoadProgress> progress, CancellationToken cancellation)
    {
        Report(progress, 0, "open");
        ProgressRelay relay = new(stage => Report(progress, stage));
        LoadedModel model = await Task.Factory.StartNew(
            () => _loader.Load(request, relay, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (model.AttentionKernels is { } kernels)
        {
            LogAttention(request.ShardIndex, request.Replica, kernels);
        }
        if (model.Rounded is { } rounded)
        {
            LogRounded(request.Replica, rounded.Tensors, rounded.Types, rounded.FileBytes, rounded.DeviceBytes);
        }
        return model;
    }

    private async Task ConnectAsync(LoadRequest request, CancellationToken cancellation)
    {
        Worker.WorkerClient next = new(_channels.Get(request.NextAddress));
        try
        {
            await _connect.ExecuteAsync(async token => await next.GetInfoAsync(new GetInfoRequest(), cancellationToken: token), cancellation);
        }
        catch (Exception exception) when (exception is RpcException or Polly.Timeout.TimeoutRejectedException)
        {
            throw new WorkerFaultException(new WorkerFault(StatusCode.Unavailable, WorkerErrorTypes.NextShardUnreachable,
                $"The next shard of '{request.Replica}' at '{request.NextAddress}' cannot be reached: {exception.Message.TrimEnd('.')}; check that worker."));
        }
    }

    private Task<bool> RemoveAsync(ShardHost host, WorkerFault fault)
    {
        host.Close(fault);
        return FreeAsync(_table.Remove(host), host.DisposeModel, host.ReservedBytes);
    }

    private Task<bool> RemoveAsync(DraftHost host, WorkerFault fault)
    {
        host.Close(fault);
        return FreeAsync(_table.Remove(host), host.DisposeModel, host.ReservedBytes);
    }

    private async Task<bool> FreeAsync(bool removed, Action dispose, long bytes)
    {
        try
        {
            await _device.InvokeAsync(dispose);
        }
        finally
        {
            _memory.Release(bytes);
        }
        return removed;
    }

    private static void Report(ChannelWriter<LoadProgress> progress, double fraction, string phase, LoadedShard? shard = null) =>
        progress.TryWrite(new LoadProgress { Fraction = fraction, Phase = phase, Shard = shard });

    private static void Report(ChannelWriter<LoadProgress> progress, LoadStage stage)
    {
        LoadProgress report = new() { Fraction = stage.Fraction, Phase = stage.Fetch is not null ? "fetch" : stage.Fraction < 1 ? "weights" : "kv" };
        if (stage.Fetch is { } fetch)
        {
            (report.FetchedBytes, report.NeededBytes, report.FetchedPerSecond) = (fetch.DoneBytes, fetch.NeededBytes, stage.BytesPerSecond);
        }
        progress.TryWrite(report);
    }

    private static void ThrowIf(WorkerFault? fault)
    {
        if (fault is not null)
        {
            throw new WorkerFaultException(fault);
        }
    }

    private sealed class ProgressRelay(Action<LoadStage> report) : IProgress<LoadStage>
    {
        public void Report(LoadStage value) => report(value);
    }
}
