using System.Net;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using E = Winnow.Inference.Execution;
using S = Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Coordination.Remote;

/// <summary>A worker process's gRPC edge over a <see cref="FakeTarget"/> and a <see cref="FakeDrafter"/>, on a free local port.</summary>
internal sealed class FakeWorker : Worker.WorkerBase, IAsyncDisposable
{
    public const string Replica = "test/0";

    private readonly Channel<Channel<StepResult>> _subscriptions = Channel.CreateUnbounded<Channel<StepResult>>();
    private WebApplication? _app;

    public FakeDrafter Drafter { get; private set; } = new();

    /// <summary>Called before a step runs; may throw.</summary>
    public Action<StepMessage> BeforeStep { get; set; } = static _ => { };

    /// <summary>Changes or withholds a draft reply.</summary>
    public Func<DraftReply, DraftReply?> AlterDraft { get; set; } = static reply => reply;

    public List<StepMessage> Steps { get; } = [];

    public int StepStreams { get; private set; }

    public int DraftStreams { get; private set; }

    public string? Authorization { get; private set; }

    public string Address => _app!.Urls.First();

    public static async Task<FakeWorker> StartAsync()
    {
        var worker = new FakeWorker();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(worker);
        builder.Services.AddGrpc();
        worker._app = builder.Build();
        worker._app.MapGrpcService<FakeWorker>();
        await worker._app.StartAsync();
        return worker;
    }

    public override Task<WorkerInfo> GetInfo(GetInfoRequest request, ServerCallContext context)
    {
        Authorization = context.RequestHeaders.GetValue("authorization");
        return Task.FromResult(new WorkerInfo
        {
            WorkerId = "fake",
            Shards = { new LoadedShard { Replica = Replica, ShardIndex = 0 }, new LoadedShard { Replica = Replica, ShardIndex = 1 } },
        });
    }

    public override async Task Step(IAsyncStreamReader<StepMessage> requestStream, IServerStreamWriter<StepAck> responseStream, ServerCallContext context)
    {
        StepStreams++;
        Channel<StepResult> results = await _subscriptions.Reader.ReadAsync(context.CancellationToken);
        var target = new FakeTarget(64, 4, FakePipeline.Vocabulary, 64);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            StepMessage message = requestStream.Current;
            Steps.Add(message);
            try
            {
                BeforeStep(message);
            }
            catch (IOException exception)
            {
                var trailers = new Metadata { { WorkerErrorTypes.Trailer, WorkerErrorTypes.StepFailed } };
                results.Writer.TryComplete();
                throw new RpcException(new Status(StatusCode.Unavailable, exception.Message), trailers);
            }
            results.Writer.TryWrite(Encode(target.Run(Decode(message))));
            await responseStream.WriteAsync(new StepAck { Step = message.Step });
        }
    }

    public override async Task Results(ResultsRequest request, IServerStreamWriter<StepResult> responseStream, ServerCallContext context)
    {
        Channel<StepResult> results = Channel.CreateUnbounded<StepResult>();
        _subscriptions.Writer.TryWrite(results);
        await foreach (StepResult result in results.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(result);
        }
    }

    public override async Task Draft(IAsyncStreamReader<DraftRequest> requestStream, IServerStreamWriter<DraftReply> responseStream, ServerCallContext context)
    {
        DraftStreams++;
        Drafter = new FakeDrafter { Token = Drafter.Token };
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            DraftRequest request = requestStream.Current;
            var reply = new DraftReply { Replica = request.Replica, Round = request.Round };
            foreach (Inference.Drafting.DraftProposal proposal in await Drafter.ProposeAsync([.. request.Sequences.Select(Decode)], request.Closes, context.CancellationToken))
            {
                reply.Proposals.Add(new Contracts.V1.DraftProposal { Sequence = proposal.Sequence, NeedPrefix = proposal.NeedPrefix, Tokens = { proposal.Tokens } });
            }
            if (AlterDraft(reply) is { } altered)
            {
                await responseStream.WriteAsync(altered);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static E.StepBatch Decode(StepMessage message)
    {
        var batch = new E.StepBatch { Epoch = message.Epoch, Step = message.Step };
        batch.Closes.AddRange(message.Closes);
        batch.Opens.AddRange(message.Opens.Select(open => new E.SequenceOpen
        {
            Slot = open.Slot,
            Tokens = [.. open.Tokens],
            PromptTokens = open.PromptTokens,
            CachedTokens = open.CachedTokens,
            Blocks = [.. open.Blocks],
            Sampling = Decode(open.Sampling),
        }));
        batch.Sequences.AddRange(message.Sequences.Select(rows => new E.SequenceRows
        {
            Slot = rows.Slot,
            BaseLength = rows.BaseLength,
            PrefixHash = rows.PrefixHash,
            Tokens = [.. rows.Tokens],
            KnownCount = rows.KnownCount,
            Sample = rows.Sample,
            TruncateBlocks = rows.TruncateBlocks,
            NewBlocks = [.. rows.NewBlocks],
        }));
        return batch;
    }

    private static DraftQuery Decode(DraftSequence sequence) => new()
    {
        Sequence = sequence.Sequence,
        KnownLength = sequence.KnownLength,
        PrefixHash = sequence.PrefixHash,
        NewTokens = [.. sequence.NewTokens],
        DraftTokens = sequence.DraftTokens,
        PromptTokens = sequence.PromptTokens,
        Sampling = sequence.Sampling is null ? null : Decode(sequence.Sampling),
    };

    private static S.SamplingParameters Decode(SamplingParameters message) => new()
    {
        Temperature = message.Temperature,
        TopP = message.TopP,
        RepetitionPenalty = message.RepetitionPenalty,
        Seed = message.Seed,
        Choice = message.Choice,
        Logprobs = message.Logprobs,
        LogitBias = new Dictionary<int, float>(message.LogitBias),
        BannedTokens = [.. message.BannedTokens],
    };

    private static StepResult Encode(E.StepResult result)
    {
        var message = new StepResult { Epoch = result.Epoch, Step = result.Step };
        foreach (E.SequenceResult sequence in result.Sequences)
        {
            var encoded = new SequenceResult { Slot = sequence.Slot, Tokens = { sequence.Tokens }, Accepted = sequence.Accepted };
            encoded.Logprobs.AddRange(sequence.Logprobs.Select(logprob => new TokenLogprobs { Logprob = logprob.Logprob, TopIds = { 1, 2 }, TopLogprobs = { -1, -2 } }));
            message.Sequences.Add(encoded);
        }
        return message;
    }
}
