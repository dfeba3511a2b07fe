using Grpc.Core;
using Microsoft.Extensions.Options;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.Fetching;
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

/// <summary>
/// Opens a model, checks that the range asked for exists and fits the budget, fetches the tensors of that range where the model is on a server, and loads it on the
/// device.
/// </summary>
internal sealed class ModelLoader(
    IComputeBackend backend, DeviceDescription device, MemoryBudget memory, ModelLibrary models, IOptions<WorkerOptions> options, TimeProvider time)
{
    /// <summary>Loads what a checked request asks for.</summary>
    /// <param name="request">The request; see <see cref="LoadRequestCheck"/>.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Checked after every tensor.</param>
    /// <exception cref="WorkerFaultException">The model is not usable, the range does not fit it, or the memory does not suffice.</exception>
    public LoadedModel Load(LoadRequest request, IProgress<LoadStage> progress, CancellationToken cancellation)
    {
        ModelFile file = Open(request.ModelPath, cancellation);
        ModelFile? head = null;
        ModelFile? exit = null;
        HeadDrafter? headDrafter = null;
        ExitDrafter? exitDrafter = null;
        IShard? loaded = null;
        long reserved = 0;
        try
        {
            ShardOptions shard = ShardOptionsFor(request);
            head = request.HeadPath.Length == 0 ? null : Open(request.HeadPath, cancellation);
            exit = request.ExitPath.Length == 0 ? null : Open(request.ExitPath, cancellation);
            ExitModel? exitModel = exit is null ? null : ExitModel.Read(exit, file);
            ModelFootprint footprint = ModelFootprint.Read(file);
            reserved = Reserve(request, footprint, head, exitModel, shard);
            VocabularyBridge? bridge = BridgeFor(request, file, cancellation);
            StopHead? stopHead = StopHeadFor(request, file, bridge, cancellation);
            StageRelay stages = new(progress, time);
            int last = shard.LastLayer == 0 ? footprint.Configuration.Layers : shard.LastLayer;
            head?.RequireTensors(head.Tensors, null, cancellation);
            exit?.RequireTensors(exit.Tensors, null, cancellation);
            file.RequireTensors(footprint.TensorsOf(file, shard.FirstLayer, last), stages, cancellation);
            loaded = backend.LoadShard(file, shard, stages, cancellation);
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
                AttentionKernels = (loaded as DeviceShard)?.AttentionKernels,
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
            if (exception is ModelFileException or ModelFetchException or ArgumentException or OutOfMemoryException)
            {
                throw Invalid(exception);
            }
            throw;
        }
    }

    private ModelFile Open(string path, CancellationToken cancellation)
    {
        try
        {
            return models.Open(path, cancellation);
        }
        catch (Exception exception) when (exception is ModelFileException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Invalid(exception);
        }
    }

    private StopHead? StopHeadFor(LoadRequest request, ModelFile draft, VocabularyBridge? bridge, CancellationToken cancellation)
    {
        using ModelFile? file = request.StopHeadPath.Length == 0 ? null : Open(request.StopHeadPath, cancellation);
        return file is null ? null : DraftEngines.LoadStopHead(file, draft, bridge);
    }

    private VocabularyBridge? BridgeFor(LoadRequest request, ModelFile draft, CancellationToken cancellation)
    {
        if (!request.Draft || request.TargetPath.Length == 0)
        {
            return null;
        }
        using ModelFile target = Open(request.TargetPath, cancellation);
        return VocabularyBridge.Between(target, draft);
    }

    private static WorkerFaultException Invalid(Exception exception) => new(exception switch
    {
        OutOfMemoryException => new WorkerFault(StatusCode.ResourceExhausted, WorkerErrorTypes.InsufficientMemory, $"The machine has not enough memory: {exception.Message}"),
        ModelFetchException => new WorkerFault(StatusCode.Unavailable, WorkerErrorTypes.ModelUnreachable, exception.Message),
        _ => new WorkerFault(StatusCode.FailedPrecondition, WorkerErrorTypes.InvalidModel, exception.Message),
    });

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
        long weights = model.WeightBytes(shard.FirstLayer, last, device.Devices);
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
}
