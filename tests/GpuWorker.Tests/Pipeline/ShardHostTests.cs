using Microsoft.Extensions.DependencyInjection;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Pipeline;
using Winnow.GpuWorker.Tests.Support;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Pipeline;

/// <summary>Who is served by a shard while it comes and goes.</summary>
public sealed class ShardHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Begin_OnAShardUnloadedMeanwhile_FailsTheSessionBeforeItTouchesTheModel()
    {
        await using TestWorker worker = await TestWorker.StartAsync(services => services.AddSingleton<IComputeBackend>(new FakeBackend()), null);
        await worker.LoadAsync(Requests.Load(new TinyLlama().Write(_folder), 2));
        ShardHost sut = worker.Services.GetRequiredService<ShardTable>().Find(Requests.Replica, 0)!;
        await worker.Client.UnloadAsync(new UnloadRequest { Replica = Requests.Replica, Epoch = 1 });
        StepSession session = new(sut, 1, new WorkerOptions(), CancellationToken.None);
        ResultSubscription subscription = new(1);

        sut.Begin(session);
        sut.Subscribe(subscription);

        Assert.Equal(WorkerErrorTypes.UnknownReplica, session.Fault!.Type);
        Assert.True(session.Token.IsCancellationRequested);
        Assert.True(subscription.Session.IsFaulted);
    }

    public void Dispose() => _folder.Dispose();
}
