using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Tests.Support;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;
using LoadProgress = Winnow.Contracts.V1.LoadProgress;

namespace Winnow.GpuWorker.Tests.Loading;

/// <summary>What may be loaded, what is refused with which words, and what a second load of the same shard keeps.</summary>
public sealed class LoadTests : IDisposable
{
    private const int Layers = 2;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeBackend _backend = new();
    private readonly string _model;

    public LoadTests() => _model = new TinyLlama { Layers = Layers }.Write(_folder);

    [Fact]
    public async Task Load_WholeModel_ReportsPhasesAndTheShard()
    {
        await using TestWorker worker = await StartAsync();
        using AsyncServerStreamingCall<LoadProgress> call = worker.Client.Load(Requests.Load(_model, Layers));
        List<LoadProgress> reports = [];
        while (await call.ResponseStream.MoveNext(Patience.Token))
        {
            reports.Add(call.ResponseStream.Current);
        }

        Assert.Equal(["open", "weights", "kv", "ready"], reports.Select(r => r.Phase).Distinct());
        Assert.Equal((1L, "fake-1"), (reports[^1].Shard.Epoch, reports[^1].Shard.Numerics));
    }

    [Fact]
    public async Task Load_MoreThanTheBudget_IsRefusedWithBytes()
    {
        await using TestWorker worker = await StartAsync("--memory=3000000");

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(Requests.Load(_model, Layers, blocks: 4096)));

        Assert.Equal((StatusCode.ResourceExhausted, WorkerErrorTypes.InsufficientMemory), Kind(exception));
        Assert.Matches(@"needs '\d+' bytes \(weights \d+, KV cache \d+, scratch \d+\); 3000000 of 3000000 are free", exception.Status.Detail);
        Assert.Equal(0UL, (await worker.Client.GetInfoAsync(new GetInfoRequest())).MemoryUsedBytes);
    }

    [Fact]
    public async Task Load_SameShardInANewerEpoch_KeepsTheWeights()
    {
        await using TestWorker worker = await StartAsync();
        await worker.LoadAsync(Requests.Load(_model, Layers));

        LoadProgress ready = await worker.LoadAsync(Requests.Load(_model, Layers, epoch: 2));

        Assert.Equal((1, 2L), (_backend.Loads, ready.Shard.Epoch));
    }

    [Fact]
    public async Task Load_OtherSizesUnderTheSameName_ReplacesAndFreesTheOld()
    {
        await using TestWorker worker = await StartAsync();
        await worker.LoadAsync(Requests.Load(_model, Layers, blocks: 64));
        ulong large = (await worker.Client.GetInfoAsync(new GetInfoRequest())).MemoryUsedBytes;

        await worker.LoadAsync(Requests.Load(_model, Layers, blocks: 16, epoch: 2));

        WorkerInfo info = await worker.Client.GetInfoAsync(new GetInfoRequest());
        Assert.Equal((2, 1), (_backend.Loads, info.Shards.Count));
        Assert.True(info.MemoryUsedBytes < large);
    }

    [Fact]
    public async Task Load_OlderEpoch_IsRefusedEvenAfterUnload()
    {
        await using TestWorker worker = await StartAsync();
        await worker.LoadAsync(Requests.Load(_model, Layers, epoch: 5));
        await worker.Client.UnloadAsync(new UnloadRequest { Replica = Requests.Replica, Epoch = 5 });

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(Requests.Load(_model, Layers, epoch: 4)));

        Assert.Equal((StatusCode.FailedPrecondition, WorkerErrorTypes.StaleEpoch), Kind(exception));
    }

    [Fact]
    public async Task Unload_LoadedShard_FreesItsMemory()
    {
        await using TestWorker worker = await StartAsync();
        await worker.LoadAsync(Requests.Load(_model, Layers));

        UnloadReply first = await worker.Client.UnloadAsync(new UnloadRequest { Replica = Requests.Replica, Epoch = 1 });
        UnloadReply second = await worker.Client.UnloadAsync(new UnloadRequest { Replica = Requests.Replica, Epoch = 1 });

        WorkerInfo info = await worker.Client.GetInfoAsync(new GetInfoRequest());
        Assert.Equal((true, false, 0UL, 0), (first.WasLoaded, second.WasLoaded, info.MemoryUsedBytes, info.Shards.Count));
    }

    [Fact]
    public async Task Load_TruncatedFile_NamesTheFile()
    {
        byte[] bytes = await File.ReadAllBytesAsync(_model);
        string damaged = _folder.Write("cut.gguf", bytes[..(bytes.Length / 2)]);
        await using TestWorker worker = await StartAsync();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(Requests.Load(damaged, Layers)));

        Assert.Equal((StatusCode.FailedPrecondition, WorkerErrorTypes.InvalidModel), Kind(exception));
        Assert.Contains("cut.gguf", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replica ''")]
    [InlineData("model_path ''")]
    [InlineData("shard '2' of '2'")]
    [InlineData("layers '1' to '1'")]
    [InlineData("kv.block_tokens '7'")]
    [InlineData("kv.block_count '0'")]
    [InlineData("stop_head_path 'stop.gguf'")]
    [InlineData("next_address 'somewhere'")]
    [InlineData("context_tokens '-1'")]
    public async Task Load_Contradiction_IsRefusedByName(string expected)
    {
        await using TestWorker worker = await StartAsync();
        LoadRequest request = Requests.Load(_model, Layers);
        Action change = expected switch
        {
            "replica ''" => () => request.Replica = "",
            "model_path ''" => () => request.ModelPath = "",
            "shard '2' of '2'" => () => (request.ShardIndex, request.ShardCount) = (2, 2),
            "layers '1' to '1'" => () => (request.FirstLayer, request.LastLayer) = (1, 1),
            "kv.block_tokens '7'" => () => request.Kv.BlockTokens = 7,
            "kv.block_count '0'" => () => request.Kv.BlockCount = 0,
            "next_address 'somewhere'" => () => (request.ShardCount, request.NextAddress) = (2, "somewhere"),
            "stop_head_path 'stop.gguf'" => () => request.StopHeadPath = "stop.gguf",
            _ => () => request.ContextTokens = -1,
        };
        change();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(request));

        Assert.Equal((StatusCode.InvalidArgument, WorkerErrorTypes.InvalidLoad), Kind(exception));
        Assert.StartsWith(expected, exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_DraftWithAFileThatIsNoStopHead_IsRefusedWithItsReason()
    {
        await using TestWorker worker = await StartAsync();
        LoadRequest request = Requests.LoadDraft(_model);
        request.StopHeadPath = _model;

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(request));

        Assert.Equal((StatusCode.FailedPrecondition, WorkerErrorTypes.InvalidModel), Kind(exception));
        Assert.Contains("'stop_head'", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_MoreLayersThanTheModelHas_IsRefused()
    {
        await using TestWorker worker = await StartAsync();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(Requests.Load(_model, Layers + 1)));

        Assert.Equal((StatusCode.InvalidArgument, WorkerErrorTypes.InvalidLoad), Kind(exception));
    }

    [Fact]
    public async Task Load_NextShardAway_SaysWhichAddress()
    {
        await using TestWorker worker = await StartAsync("--Worker:ConnectSeconds=1");

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => worker.LoadAsync(Requests.Load(_model, Layers, 0, 2, "http://127.0.0.1:1")));

        Assert.Equal((StatusCode.Unavailable, WorkerErrorTypes.NextShardUnreachable), Kind(exception));
        Assert.Contains("http://127.0.0.1:1", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, StatusCode.Unauthenticated)]
    [InlineData("wrong", StatusCode.Unauthenticated)]
    [InlineData("secret", StatusCode.OK)]
    public async Task GetInfo_WithTokenSet_OnlyWithIt(string? token, StatusCode expected)
    {
        await using TestWorker worker = await TestWorker.StartAsync(_ => { }, token, "--token=secret");

        Exception? refusal = await Record.ExceptionAsync(async () => await worker.Client.GetInfoAsync(new GetInfoRequest()));

        Assert.Equal(expected, (refusal as RpcException)?.StatusCode ?? StatusCode.OK);
    }

    public void Dispose() => _folder.Dispose();

    private static (StatusCode Code, string? Type) Kind(RpcException exception) =>
        (exception.StatusCode, exception.Trailers.GetValue(WorkerErrorTypes.Trailer));

    private Task<TestWorker> StartAsync(params string[] args) =>
        TestWorker.StartAsync(services => services.AddSingleton<IComputeBackend>(_backend), null, args);
}
