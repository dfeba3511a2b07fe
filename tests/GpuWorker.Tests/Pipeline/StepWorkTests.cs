using Microsoft.Extensions.DependencyInjection;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Pipeline;
using Winnow.GpuWorker.Tests.Support;
using Winnow.GpuWorker.Wire;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Pipeline;

/// <summary>Steps of which one computes while the next is started.</summary>
public sealed class StepWorkTests : IDisposable
{
    private static readonly int[] Prompt = [1, 2, 3];
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Run_StepsOfOneSession_OverlapAndAreHandedOnInOrder()
    {
        await using TestWorker worker = await StartAsync();
        StepSession session = Session(worker);
        StepWork[] sut = [.. Enumerable.Range(0, 3).Select(i => Work(worker, session, i))];
        StepWork stranger = Work(worker, Session(worker), 3);

        await worker.Services.GetRequiredService<DeviceLoop>().InvokeAsync(() =>
        {
            sut[0].Run();
            Assert.True(sut[0].IsUnderWay);
            Assert.True(sut[1].MayRunBeside(sut[0]));
            Assert.False(stranger.MayRunBeside(sut[0]));
            sut[1].Run();
            Assert.False(sut[2].MayRunBeside(sut[1]));
            sut[0].Finish();
            Assert.False(sut[0].IsUnderWay);
            sut[1].Finish();
        });

        Assert.Null(session.Fault);
        Assert.True(session.Outbound.TryRead(out OutboundStep first));
        Assert.True(session.Outbound.TryRead(out OutboundStep second));
        Assert.Equal((1L, 2L), (first.Message.Step, second.Message.Step));
    }

    [Fact]
    public async Task Finish_TheSessionIsOverMeanwhile_TakesTheStepOffTheShard()
    {
        await using TestWorker worker = await StartAsync();
        StepSession session = Session(worker);
        StepWork sut = Work(worker, session, 0);
        StepSession next = Session(worker);
        StepWork after = Work(worker, next, 1);

        await worker.Services.GetRequiredService<DeviceLoop>().InvokeAsync(() =>
        {
            sut.Run();
            session.Fail(WorkerFault.Draining());
            sut.Finish();
            after.Run();
            after.Finish();
        });

        Assert.False(sut.IsUnderWay);
        Assert.Null(next.Fault);
        Assert.True(next.Outbound.TryRead(out _));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<TestWorker> StartAsync()
    {
        TestWorker worker = await TestWorker.StartAsync(services => services.AddSingleton<IComputeBackend>(new FakeBackend { PassesOverlap = true }), null);
        string model = new TinyLlama { Layers = 2 }.Write(_folder);
        await worker.LoadAsync(Requests.Load(model, 2, 1, 2));
        await worker.LoadAsync(Requests.Load(model, 2, 0, 2, worker.Address));
        return worker;
    }

    private static StepSession Session(TestWorker worker) =>
        new(worker.Services.GetRequiredService<ShardTable>().Find(Requests.Replica, 0)!, 1, new WorkerOptions(), CancellationToken.None);

    private static StepWork Work(TestWorker worker, StepSession session, int index)
    {
        StepMessage message = Requests.Prompt(index + 1, index % 2, Prompt, Requests.Sampling(1));
        return new StepWork(session, message, StepCodec.Decode(message), worker.Services.GetRequiredService<EpochFence>(), worker.Services.GetRequiredService<StepObserver>());
    }
}
