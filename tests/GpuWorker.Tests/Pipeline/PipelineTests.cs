using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Pipeline;

/// <summary>Steps through real shards over real gRPC: how a model is cut and what is drafted never changes a token.</summary>
public sealed class PipelineTests : IDisposable
{
    private const int Layers = 3;
    private static readonly int[] Prompt = [10, 20, 30, 40, 50, 60, 70];
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public PipelineTests() => _model = new TinyLlama { Layers = Layers }.Write(_folder);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Step_CutInShards_GivesTheTokensOfOneShard(int shards)
    {
        int[] expected = await GenerateAsync(1, 7, _ => []);

        int[] actual = await GenerateAsync(shards, 7, _ => []);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Step_WithRightAndWrongDrafts_GivesTheTokensOfNoDrafts()
    {
        int[] expected = await GenerateAsync(1, 5, _ => []);

        int[] actual = await GenerateAsync(2, 5, known => [known.Count < Prompt.Length + 6 ? expected[known.Count - Prompt.Length] : 3, 4]);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Step_ShardsOfOneReplicaOnOneWorker_AreToldApart()
    {
        int[] expected = await GenerateAsync(1, 11, _ => []);
        await using TestWorker worker = await TestWorker.StartAsync();
        for (int index = 2; index >= 0; index--)
        {
            await worker.LoadAsync(Requests.Load(_model, Layers, index, 3, index < 2 ? worker.Address : ""));
        }
        using PipelineClient client = new(worker, worker);

        int[] actual = await client.GenerateAsync(0, Prompt, Requests.Sampling(11), expected.Length, _ => []);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Step_CallerCompletes_AcksAllAndEndsCleanly()
    {
        await using TestWorker last = await TestWorker.StartAsync();
        await using TestWorker first = await TestWorker.StartAsync();
        await LoadTwoAsync(first, last);
        using PipelineClient client = new(first, last);
        await client.SendAsync(Requests.Prompt(1, 0, Prompt, Requests.Sampling(1)));
        await client.Steps.RequestStream.CompleteAsync();

        StepAck ack = await client.AckAsync();
        await client.EndOfAcksAsync();
        await client.EndOfResultsAsync();

        Assert.Equal((1L, null), (ack.Step, ack.Error));
        Assert.True(ack.ComputeMicros > 0);
    }

    [Theory]
    [InlineData("f16")]
    [InlineData("q8")]
    public async Task Step_RoundedHiddenStates_AreTheSameWithAndWithoutDrafts(string hiddenType)
    {
        int[] expected = await GenerateAsync(2, 5, _ => [], "--Worker:HiddenType", hiddenType);

        int[] actual = await GenerateAsync(2, 5, known => [known.Count < Prompt.Length + 6 ? expected[known.Count - Prompt.Length] : 3, 4], "--Worker:HiddenType", hiddenType);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task GetInfo_RoundedHiddenStates_ArePartOfTheNumericsOfWhoeverSendsThem()
    {
        await using TestWorker last = await TestWorker.StartAsync("--Worker:HiddenType", "f16");
        await using TestWorker first = await TestWorker.StartAsync("--Worker:HiddenType", "f16");
        await LoadTwoAsync(first, last);

        string sends = (await first.Client.GetInfoAsync(new GetInfoRequest())).Shards[0].Numerics;
        string ends = (await last.Client.GetInfoAsync(new GetInfoRequest())).Shards[0].Numerics;

        Assert.EndsWith("/hidden-f16", sends, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", ends, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_HiddenStatesOfAnUnknownType_AreRefused()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        await worker.LoadAsync(Requests.Load(_model, Layers));
        using AsyncDuplexStreamingCall<StepMessage, StepAck> steps = worker.Client.Step();
        StepMessage message = Requests.Prompt(1, 0, Prompt, Requests.Sampling(1));
        message.HiddenType = (HiddenType)3;
        await steps.RequestStream.WriteAsync(message);

        Assert.True(await steps.ResponseStream.MoveNext(Patience.Token));

        Assert.Contains("type '3'", steps.ResponseStream.Current.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_UnknownSlot_DropsTheRowsNotTheStep()
    {
        await using TestWorker last = await TestWorker.StartAsync();
        await using TestWorker first = await TestWorker.StartAsync();
        await LoadTwoAsync(first, last);
        using PipelineClient client = new(first, last);
        StepMessage message = Requests.Prompt(1, 0, Prompt, Requests.Sampling(1));
        message.Sequences.Add(new SequenceRows { Slot = 5, Tokens = { 1 }, KnownCount = 1, PrefixHash = 1, BaseLength = 1, Sample = true });
        await client.SendAsync(message);

        StepResult result = await client.ResultAsync();

        Assert.Single(result.Sequences.Single(s => s.Slot == 0).Tokens);
        Assert.Equal("unknown_slot", result.Sequences.Single(s => s.Slot == 5).Error.Type);
    }

    [Fact]
    public async Task Results_OpenedAfterTheStep_StillGetsIt()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        await worker.LoadAsync(Requests.Load(_model, Layers));
        using AsyncDuplexStreamingCall<StepMessage, StepAck> steps = worker.Client.Step();
        await steps.RequestStream.WriteAsync(Requests.Prompt(1, 0, Prompt, Requests.Sampling(1)));
        Assert.True(await steps.ResponseStream.MoveNext(Patience.Token));

        using AsyncServerStreamingCall<StepResult> results = worker.Client.Results(new ResultsRequest { Replica = Requests.Replica, Epoch = 1 });

        Assert.True(await results.ResponseStream.MoveNext(Patience.Token));
        Assert.Equal(1, results.ResponseStream.Current.Step);
    }

    [Fact]
    public async Task Draft_WholeModel_ProposesWhatTheTargetDraws()
    {
        int[] expected = await GenerateAsync(1, 3, _ => []);
        await using TestWorker worker = await TestWorker.StartAsync();
        await worker.LoadAsync(Requests.LoadDraft(_model));
        using AsyncDuplexStreamingCall<DraftRequest, DraftReply> drafts = worker.Client.Draft();
        DraftRequest request = new() { Replica = Requests.Replica + "/draft", Epoch = 1, Round = 9 };
        request.Sequences.Add(new DraftSequence
        {
            Sequence = 4,
            PrefixHash = Inference.Cache.PrefixHash.Empty,
            NewTokens = { Prompt },
            PromptTokens = Prompt.Length,
            DraftTokens = 4,
            Sampling = Requests.Sampling(3),
        });
        await drafts.RequestStream.WriteAsync(request);

        Assert.True(await drafts.ResponseStream.MoveNext(Patience.Token));

        DraftReply reply = drafts.ResponseStream.Current;
        Assert.Equal((9L, 4L), (reply.Round, reply.Proposals[0].Sequence));
        Assert.Equal(expected[..4], reply.Proposals[0].Tokens);
    }

    [Fact]
    public async Task Draft_UnknownReplica_IsNotFound()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        using AsyncDuplexStreamingCall<DraftRequest, DraftReply> drafts = worker.Client.Draft();
        await drafts.RequestStream.WriteAsync(new DraftRequest { Replica = "nobody/0/draft", Epoch = 1 });

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => drafts.ResponseStream.MoveNext(Patience.Token));

        Assert.Equal((StatusCode.NotFound, WorkerErrorTypes.UnknownReplica), (exception.StatusCode, exception.Trailers.GetValue(WorkerErrorTypes.Trailer)));
    }

    public void Dispose() => _folder.Dispose();

    private async Task LoadTwoAsync(TestWorker first, TestWorker last)
    {
        await last.LoadAsync(Requests.Load(_model, Layers, 1, 2));
        await first.LoadAsync(Requests.Load(_model, Layers, 0, 2, last.Address));
    }

    private async Task<int[]> GenerateAsync(int shards, ulong seed, Func<IReadOnlyList<int>, int[]> draft, params string[] flags)
    {
        List<TestWorker> workers = [];
        try
        {
            string next = "";
            for (int index = shards - 1; index >= 0; index--)
            {
                TestWorker worker = await TestWorker.StartAsync(flags);
                workers.Insert(0, worker);
                await worker.LoadAsync(Requests.Load(_model, Layers, index, shards, next));
                next = worker.Address;
            }
            using PipelineClient client = new(workers[0], workers[^1]);
            return await client.GenerateAsync(0, Prompt, Requests.Sampling(seed), 12, draft);
        }
        finally
        {
            foreach (TestWorker worker in workers)
            {
                await worker.DisposeAsync();
            }
        }
    }
}
