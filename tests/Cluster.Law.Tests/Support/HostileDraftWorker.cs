using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Contracts.V1;
using Winnow.Hosting;
using Winnow.Inference.Cache;

namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>
/// A draft worker in the test's process: it registers, beats and loads as any worker does, and answers every question in the worst way.
/// </summary>
internal sealed class HostileDraftWorker : Worker.WorkerBase, IAsyncDisposable
{
    private const string WorkerId = "draft-hostile";
    private const int FarTooMany = 500;
    private const int Branches = 100;

    private readonly CancellationTokenSource _end = new();
    private readonly ClusterChannels _channels = new(new ClusterToken(null));
    private readonly List<LoadedShard> _shards = [];
    private readonly int _vocabularySize;
    private WebApplication? _app;
    private Task _beating = Task.CompletedTask;
    private uint _state = 12345;
    private int _rounds;

    private HostileDraftWorker(int vocabularySize) => _vocabularySize = vocabularySize;

    /// <summary>How it behaves from the next question on.</summary>
    public Hostility Hostility { get; set; } = Hostility.None;

    /// <summary>Questions that asked for tokens so far.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    private string Address => _app!.Urls.First();

    /// <summary>Listens on a free port and registers with a silo.</summary>
    public static async Task<HostileDraftWorker> StartAsync(string siloAddress, int vocabularySize)
    {
        var worker = new HostileDraftWorker(vocabularySize);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(worker);
        builder.Services.AddGrpc();
        worker._app = builder.Build();
        worker._app.MapGrpcService<HostileDraftWorker>();
        await worker._app.StartAsync();
        var silo = new ClusterControl.ClusterControlClient(worker._channels.Get(siloAddress));
        RegisterReply registration = await silo.RegisterAsync(worker.Describe());
        worker._beating = worker.BeatAsync(silo, registration);
        return worker;
    }

    /// <inheritdoc />
    public override Task<WorkerInfo> GetInfo(GetInfoRequest request, ServerCallContext context) => Task.FromResult(Describe());

    /// <inheritdoc />
    public override Task Load(LoadRequest request, IServerStreamWriter<LoadProgress> responseStream, ServerCallContext context)
    {
        var shard = new LoadedShard { Replica = request.Replica, ShardIndex = request.ShardIndex, Epoch = request.Epoch, Numerics = "hostile" };
        lock (_shards)
        {
            _shards.RemoveAll(loaded => loaded.Replica == request.Replica);
            _shards.Add(shard);
        }
        return responseStream.WriteAsync(new LoadProgress { Fraction = 1, Phase = "ready", Shard = shard });
    }

    /// <inheritdoc />
    public override Task<UnloadReply> Unload(UnloadRequest request, ServerCallContext context)
    {
        lock (_shards)
        {
            return Task.FromResult(new UnloadReply { WasLoaded = _shards.RemoveAll(loaded => loaded.Replica == request.Replica) > 0 });
        }
    }

    /// <inheritdoc />
    public override async Task Draft(IAsyncStreamReader<DraftRequest> requestStream, IServerStreamWriter<DraftReply> responseStream, ServerCallContext context)
    {
        DraftReply? held = null;
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            DraftRequest request = requestStream.Current;
            Interlocked.Add(ref _rounds, request.Sequences.Count > 0 ? 1 : 0);
            DraftReply? reply = Answer(request);
            (reply, held) = Hostility == Hostility.Late ? (held, reply) : (reply, null);
            if (reply is not null)
            {
                await responseStream.WriteAsync(reply);
            }
            if (Hostility != Hostility.None)
            {
                await responseStream.WriteAsync(FalseBranches(request));
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _beating;
        _channels.Dispose();
        await _app!.StopAsync(_end.Token);
        await _app.DisposeAsync();
        _end.Dispose();
    }

    private WorkerInfo Describe()
    {
        lock (_shards)
        {
            return new WorkerInfo
            {
                WorkerId = WorkerId,
                Address = Address,
                Role = WorkerRole.Draft,
                Device = "hostile",
                MemoryBytes = 1 << 30,
                Backend = "hostile",
                KernelVersion = "0",
                ProcessId = Environment.ProcessId,
                Shards = { _shards },
            };
        }
    }

    private async Task BeatAsync(ClusterControl.ClusterControlClient silo, RegisterReply registration)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(registration.BeatIntervalMs));
        try
        {
            using AsyncDuplexStreamingCall<Heartbeat, BeatReply> call = silo.Beat(cancellationToken: _end.Token);
            do
            {
                await call.RequestStream.WriteAsync(new Heartbeat { WorkerId = WorkerId, Incarnation = registration.Incarnation });
                Assert.True(await call.ResponseStream.MoveNext(_end.Token), "The silo ended the beats.");
                Assert.False(call.ResponseStream.Current.RegisterAgain, "The silo forgot the hostile worker.");
            }
            while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (Exception exception) when (_end.IsCancellationRequested && exception is OperationCanceledException or RpcException)
        {
            // Disposed: the cluster may be gone already.
        }
    }

    private DraftReply Answer(DraftRequest request)
    {
        var reply = new DraftReply { Replica = request.Replica, Round = request.Round };
        if (Hostility == Hostility.None && request.Round % 2 == 0)
        {
            return reply;
        }
        foreach (DraftSequence sequence in request.Sequences)
        {
            var proposal = new DraftProposal { Sequence = sequence.Sequence, Tokens = { Tokens(sequence.DraftTokens) } };
            proposal.Confidences.AddRange(proposal.Tokens.Select(_ => 2f));
            reply.Proposals.Add(proposal);
        }
        return reply;
    }

    // Under keys that are looked up when the target draws one of the tokens guessed here, under keys that mean nothing, and of sequences that nobody knows.
    private DraftReply FalseBranches(DraftRequest request)
    {
        var reply = new DraftReply { Replica = request.Replica, ComputeMicros = long.MinValue };
        foreach (DraftSequence sequence in request.Sequences)
        {
            ulong told = PrefixHash.Append(sequence.PrefixHash, sequence.NewTokens.ToArray());
            int length = sequence.KnownLength + sequence.NewTokens.Count;
            for (int i = 0; i < Branches; i++)
            {
                reply.Branches.Add(new DraftBranch
                {
                    Sequence = i % 5 == 0 ? -i : sequence.Sequence,
                    Length = i % 7 == 0 ? int.MinValue : length + 1,
                    PrefixHash = i % 3 == 0 ? (ulong)i : PrefixHash.Append(told, i),
                    Tokens = { Tokens(4) },
                });
            }
        }
        return reply;
    }

    private IEnumerable<int> Tokens(int wanted) => Hostility switch
    {
        Hostility.None => [],
        Hostility.IdsOutOfRange => Enumerable.Range(0, wanted).Select(i => i % 2 == 0 ? -1 - i : _vocabularySize + i),
        Hostility.TooMany => Enumerable.Range(0, FarTooMany).Select(_ => NextToken()),
        _ => Enumerable.Range(0, wanted).Select(_ => NextToken()),
    };

    private int NextToken()
    {
        _state = (_state * 1664525) + 1013904223;
        return (int)((_state >> 8) % (uint)_vocabularySize);
    }
}
