using Grpc.Core;
using Microsoft.Extensions.Options;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Loading;

/// <summary>Opens a model file, checks that the range asked for exists and fits the budget, and loads it on the device.</summary>
internal sealed class ModelLoader(IComputeBackend backend, MemoryBudget memory, IOptions<WorkerOptions> options, TimeProvider time)
{
    /// <summary>Loads what a checked request asks for.</summary>
    /// <param name="request">The request; see <see cref="LoadRequestCheck"/>.</param>
    /// <param name="progress">Told how many weights are there, 0 to 1.</param>
    /// <param name="cancellation">Checked after every tensor.</param>
    /// <exception cref="WorkerFaultException">The model is not usable, the range does not fit it, or the memory does not suffice.</exception>
    public LoadedModel Load(LoadRequest request, IProgress<double> progress, CancellationToken cancellation)
    {
        ModelFile file = Open(request.ModelPath);
        ModelFile? head = null;
        ModelFile? exit = null;
        HeadDrafter? headDrafter = null;
        ExitDrafter? exitDrafter = null;
        IShard? loaded = null;
        long reserved = 0;
        try
        {
            ShardOptions shard = ShardOptionsFor(request);
            head = request.HeadPath.Length == 0 ? null : Open(request.HeadPath);
            exit = request.ExitPath.Length == 0 ? null : Open(request.ExitPath);
            ExitModel? exitModel = exit is null ? null : ExitModel.Read(exit, file);
            reserved = Reserve(request, ModelFootprint.Read(file), head, exitModel, shard);
            IProgress<Inference.Graph.LoadProgress> weights = new Relay(progress);
            VocabularyBridge? bridge = BridgeFor(request, file);
            StopHead? stopHead = request.StopHeadPath.Length == 0 ? null : DraftEngines.LoadStopHead(request.StopHeadPath, file, bridge);
            loaded = backend.LoadShard(file, shard, weights, cancellation);
            headDrafter = head is null ? null : new HeadDrafter(head, file, loaded, shard.Threads, time);
            exitDrafter = exitModel is null ? null : new ExitDrafter(exitModel, loaded, backend, shard, time);
            return new LoadedModel(loaded, file, reserved)
            {
                Bridge = bridge,
                StopHead = stopHead,
                HeadFile = head,
                Head = headDrafter,
                ExitFile = exit,
                Exit = exitDrafter,
                Rounded = backend is DeviceBackend ? RoundedWeights.Of(file, loaded.Spec) : null,
            };
        }
        catch (Exception exception)
        {
            loaded?.Dispose();
            headDrafter?.Dispose();
            exitDrafter?.Dispose();
            head?.Dispose();
            exit?.Dispose();
            file.Dispose();
            memory.Release(reserved);
            if (exception is ModelFileException or ArgumentException or OutOfMemoryException)
            {
                throw Invalid(exception);
            }
            throw;
        }
    }

    private static ModelFile Open(string path)
    {
        try
        {
            return ModelFile.Open(path);
        }
        catch (Exception exception) when (exception is ModelFileException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Invalid(exception);
        }
    }

    private static VocabularyBridge? BridgeFor(LoadRequest request, ModelFile draft)
    {
        if (!request.Draft || request.TargetPath.Length == 0)
        {
            return null;
        }
        using ModelFile target = Open(request.TargetPath);
        return VocabularyBridge.Between(target, draft);
    }

    private static WorkerFaultException Invalid(Exception exception) => exception is OutOfMemoryException
        ? new(new WorkerFault(StatusCode.ResourceExhausted, WorkerErrorTypes.InsufficientMemory, $"The machine has not enough memory: {exception.Message}"))
        : new(new WorkerFault(StatusCode.FailedPrecondition, WorkerErrorTypes.InvalidModel, exception.Message));

    private ShardOptions ShardOptionsFor(LoadRequest request) => new()
    {
        FirstLayer = request.Draft ? 0 : request.FirstLayer,
        LastLayer = request.Draft ? 0 : request.LastLayer,
        KvBlockTokens = request.Kv.BlockTokens,
        KvBlockCount = request.Kv.BlockCount,
        ScratchTokens = request.Kv.ScratchTokens,
        ContextTokens = request.ContextTokens,
        KvType = KvTypes.TryParse(options.Value.KvType, out KvType type) ? type : KvType.F16,
        Threads = options.Value.Threads > 0 ? options.Value.Threads : Environment.ProcessorCount,
        PinThreads = options.Value.PinThreads,
    };

    private long Reserve(LoadRequest request, ModelFootprint model, ModelFile? head, ExitModel? exit, ShardOptions shard)
    {
        int layers = model.Configuration.Layers;
        int last = shard.LastLayer == 0 ? layers : shard.LastLayer;
        bool endsModel = last == layers;
        if (last > layers || endsModel != (request.Draft || request.ShardIndex == request.ShardCount - 1))
        {
            throw new WorkerFaultException(new WorkerFault(StatusCode.InvalidArgument, WorkerErrorTypes.InvalidLoad,
                $"Shard '{request.ShardIndex}' of {request.ShardCount} asks for layers '{shard.FirstLayer}' to '{last}', but '{request.ModelPath}' has "
                + $"{layers} layers; the last shard, and only it, ends at layer {layers}."));
        }
        long weights = model.WeightBytes(shard.FirstLayer, last);
        long rows = ((long)shard.KvBlockTokens * shard.KvBlockCount) + shard.ScratchTokens;
        long kv = model.KvBytes(last - shard.FirstLayer, rows, shard.KvType);
        long scratch = model.ScratchBytes(endsModel);
        if (head is not null)
        {
            HeadConfiguration sizes = HeadConfiguration.Read(head, model.Configuration);
            weights += sizes.WeightBytes;
            kv += sizes.KvBytes((long)shard.KvBlockTokens * shard.KvBlockCount);
        }
        if (exit is not null)
        {
            weights += exit.WeightBytes;
            kv += exit.KvBytes(rows, shard.KvType);
            scratch += exit.ScratchBytes;
        }
        if (memory.Reserve($"Shard {request.ShardIndex} of '{request.Replica}'", weights, kv, scratch) is { } fault)
        {
            throw new WorkerFaultException(fault);
        }
        return weights + kv + scratch;
    }

    private sealed class Relay(IProgress<double> progress) : IProgress<Inference.Graph.LoadProgress>
    {
        public void Report(Inference.Graph.LoadProgress value) =>
            progress.Report(value.TotalBytes == 0 ? 1 : (double)value.DoneBytes / value.TotalBytes);
    }
}
