using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Admission;

/// <summary>The queue before the batch: who goes first, who keeps no place, and what a refused client is told.</summary>
public sealed class QueueTests
{
    private static readonly CoordinatorOptions OneAtATime = new() { MaxSequences = 1, MaxQueue = 2 };

    [Fact]
    public async Task Generate_Priorities_TheMostUrgentThatWaitsGoesFirst()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: OneAtATime);
        Task<List<int>> running = Requests.RunAsync(sut, Requests.Of(3, 2));
        await pipeline.NextAsync();
        Task<List<int>> patient = Requests.RunAsync(sut, Requests.Of(4, 2) with { Priority = 5 });
        await sut.UntilAsync(status => status.Waiting == 1);
        Task<List<int>> urgent = Requests.RunAsync(sut, Requests.Of(5, 2) with { Priority = 1 });

        for (int i = 0; i < 6; i++)
        {
            await pipeline.ReleaseAsync();
        }
        await Task.WhenAll(running, patient, urgent);

        int[] prompts = [.. pipeline.Log.SelectMany(batch => batch.Opens).Select(open => open.PromptTokens)];
        Assert.Equal([3, 5, 4], prompts);
    }

    [Fact]
    public async Task Generate_BlocksRunShort_TheLeastUrgentIsPaused()
    {
        var pipeline = new FakePipeline(blockCount: 20, blockTokens: 4, context: 80);
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Requests.Of(4, 50, (ulong)i, i) with { Priority = -i })];

        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));

        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        Assert.True(sut.Status.Pauses > 0);
        // The most urgent sequence was opened once; whoever was opened again had been paused for it.
        int[] opens = [.. pipeline.Log.SelectMany(batch => batch.Opens).Where(open => open.Sampling.Seed == 3).Select(open => open.Slot)];
        Assert.Single(opens);
    }

    [Fact]
    public async Task Generate_ClientOfAQueuedRequestGone_ItsPlaceIsFreeAtOnce()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { MaxSequences = 1, MaxQueue = 1 });
        Task<List<int>> running = Requests.RunAsync(sut, Requests.Of(3, 2));
        await pipeline.NextAsync();
        using var gone = new CancellationTokenSource();
        Task<List<int>> left = Requests.RunAsync(sut, Requests.Of(3, 2), gone.Token);
        await sut.UntilAsync(status => status.Waiting == 1);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Task<List<int>> queued = Requests.RunAsync(sut, Requests.Of(3, 2));
        for (int i = 0; i < 4; i++)
        {
            await pipeline.ReleaseAsync();
        }

        Assert.Equal(4, (await running).Count + (await queued).Count);
    }

    [Fact]
    public async Task Generate_QueueFull_TellsWhenAPlaceIsExpected()
    {
        var time = new ManualTime();
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { MaxSequences = 1, MaxQueue = 1 }, time: time);
        Task<List<int>> running = Requests.RunAsync(sut, Requests.Of(3, 2));
        await pipeline.NextAsync();
        Task<List<int>> queued = Requests.RunAsync(sut, Requests.Of(3, 2));
        time.Advance(TimeSpan.FromSeconds(7));

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(3, 2)));
        for (int i = 0; i < 4; i++)
        {
            await pipeline.ReleaseAsync();
        }
        await Task.WhenAll(running, queued);

        Assert.Equal((GenerationErrors.Overloaded, TimeSpan.FromSeconds(7)), (error.Type, error.RetryAfter));
    }
}
