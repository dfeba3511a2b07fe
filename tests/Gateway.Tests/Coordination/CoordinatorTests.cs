using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class CoordinatorTests
{
    [Fact]
    public async Task Generate_OneRequest_GivesTheTargetsTokens()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline());
        GenerationRequest request = Requests.Of(promptTokens: 9, maxTokens: 20);
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);
        Assert.Equal(Requests.Expected(request), steps.SelectMany(step => step.Tokens));
        Assert.Equal(FinishReason.Length, steps[^1].Finish);
        Assert.All(steps.SkipLast(1), step => Assert.Equal(FinishReason.None, step.Finish));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 4)]
    [InlineData(2, 3)]
    [InlineData(3, 8)]
    public async Task Generate_ManyRequests_EachGivesItsOwnTokens(int shards, int draft)
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(shards), new FakeDrafter(), new CoordinatorOptions { MaxSequences = 6, MaxStepTokens = 48, PrefillChunkTokens = 5 });
        GenerationRequest[] requests = [.. Enumerable.Range(0, 20).Select(i => Requests.Of(3 + (i % 7), 5 + i, (ulong)i, i % 3, draft))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        await sut.UntilAsync(status => status is { Running: 0, Waiting: 0, BlocksInUse: 0 });
    }

    [Fact]
    public async Task Generate_WithGoodDrafts_TakesFewerSteps()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), new FakeDrafter());
        GenerationRequest request = Requests.Of(5, 21, draft: 4);
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);
        Assert.Equal(Requests.Expected(request), steps.SelectMany(step => step.Tokens));
        Assert.Equal(5, steps.Count);
        Assert.Equal(steps.Sum(step => step.Drafted), steps.Sum(step => step.Accepted));
    }

    [Fact]
    public async Task Generate_StopTokenInsideAcceptedDrafts_DropsWhatLiesBeyond()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), new FakeDrafter());
        GenerationRequest request = Requests.Of(5, 40, draft: 8);
        List<int> expected = Requests.Expected(request);
        int stop = expected[3];
        int end = expected.IndexOf(stop);
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request with { StopTokens = [stop] });
        Assert.Equal(expected.Take(end + 1), steps.SelectMany(step => step.Tokens));
        Assert.Equal(FinishReason.Stop, steps[^1].Finish);
        Assert.True(steps.Sum(step => step.Accepted) <= end + 1);
        await sut.UntilAsync(status => status.BlocksInUse == 0);
    }

    [Fact]
    public async Task Generate_LogprobsWanted_OnePerToken()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), new FakeDrafter());
        GenerationRequest request = Requests.Of(5, 11, draft: 3);
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request with { Sampling = request.Sampling with { Logprobs = true } });
        Assert.All(steps, step => Assert.Equal(step.Tokens.Select(token => (float)-token), step.Logprobs.Select(logprob => logprob.Logprob)));
    }

    [Fact]
    public async Task Generate_LongPrompt_IsFilledInChunksBesideRunningSequences()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { MaxSequences = 4, MaxStepTokens = 16, PrefillChunkTokens = 10 });
        Task<List<int>> first = Requests.RunAsync(sut, Requests.Of(4, 6, seed: 1));
        await pipeline.ReleaseAsync();
        Task<List<int>> second = Requests.RunAsync(sut, Requests.Of(25, 2, seed: 2, promptSeed: 1));
        await pipeline.NextAsync();
        await sut.UntilAsync(status => status.Waiting == 1 || status.Running == 2);
        List<int> rows = [];
        while (!first.IsCompleted || !second.IsCompleted)
        {
            if (pipeline.InFlight > 0)
            {
                StepBatch step = await pipeline.ReleaseAsync();
                rows.AddRange(step.Sequences.Where(s => s.BaseLength >= 4 || s.Tokens.Length > 4).Select(s => s.Tokens.Length));
            }
            await Task.Yield();
        }
        Assert.Contains(10, rows);
        Assert.DoesNotContain(rows, count => count > 10);
        Assert.Contains(pipeline.Log, step => step.Sequences.Count == 2 && step.Sequences[0].Tokens.Length == 1 && step.Sequences[1].Tokens.Length == 10);
    }

    [Fact]
    public async Task Generate_CancelledWhileInFlight_FreesSlotAndBlocksWithThatStep()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        using var cancel = new CancellationTokenSource();
        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(9, 100), cancel.Token);
        await pipeline.ReleaseAsync();
        StepBatch inFlight = await pipeline.NextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(1, sut.Status.Running);
        await pipeline.ReleaseAsync();
        await sut.UntilAsync(status => status is { Running: 0, BlocksInUse: 0 });
        Task<List<int>> next = Requests.RunAsync(sut, Requests.Of(3, 1, seed: 5, promptSeed: 3));
        StepBatch after = await pipeline.ReleaseAsync();
        await next;
        Assert.Equal(inFlight.Step + 1, after.Step);
        Assert.Equal([inFlight.Sequences[0].Slot], after.Closes);
    }

    [Fact]
    public async Task Generate_TwoShards_KeepsTwoStepsInFlight()
    {
        var pipeline = new FakePipeline(shards: 2) { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        Task<List<int>>[] runs = [.. Enumerable.Range(0, 4).Select(i => Requests.RunAsync(sut, Requests.Of(4, 8, (ulong)i, i)))];
        int most = 0;
        while (!Task.WhenAll(runs).IsCompleted)
        {
            if (sut.Status.Running == 4)
            {
                most = Math.Max(most, pipeline.InFlight);
            }
            if (pipeline.InFlight == 2 || (pipeline.InFlight > 0 && sut.Status.Running + sut.Status.Waiting < 4))
            {
                await pipeline.ReleaseAsync();
            }
            await Task.Yield();
        }
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Generate_LongPrompt_ItsChunksFollowEachOtherWithoutWaiting()
    {
        var pipeline = new FakePipeline(shards: 3) { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { PrefillChunkTokens = 5 });
        GenerationRequest request = Requests.Of(23, 4);
        Task<List<int>> run = Requests.RunAsync(sut, request);
        while (pipeline.InFlight < 3)
        {
            await Task.Yield();
        }
        Assert.Equal([0, 5, 10], pipeline.Log.Select(step => step.Sequences[0].BaseLength));
        while (!run.IsCompleted)
        {
            if (pipeline.InFlight > 0)
            {
                await pipeline.ReleaseAsync();
            }
            await Task.Yield();
        }
        Assert.Equal(Requests.Expected(request), await run);
        Assert.Equal([false, false, false, false, true], pipeline.Log.Take(5).Select(step => step.Sequences[0].Sample));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Generate_AChunkFailsWhileOthersAreInFlight_StartsAgainWhenTheyHaveEnded(int failing)
    {
        var pipeline = new FakePipeline(shards: 3);
        int steps = 0;
        pipeline.Alter = (batch, result) =>
        {
            if (++steps != failing)
            {
                return result;
            }
            var failed = new StepResult { Epoch = result.Epoch, Step = result.Step };
            failed.Sequences.Add(new SequenceResult { Slot = batch.Sequences[0].Slot, Error = new StepError("prefix_mismatch", "lost") });
            return failed;
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { PrefillChunkTokens = 5 });
        GenerationRequest request = Requests.Of(23, 4);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        await sut.UntilAsync(status => status is { Running: 0, BlocksInUse: 0 });
    }

    [Fact]
    public async Task Generate_SamePromptAgain_TakesFullBlocksFromTheCache()
    {
        var pipeline = new FakePipeline(blockTokens: 4);
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        GenerationRequest request = Requests.Of(16, 6);
        List<GeneratedTokens> cold = await Requests.StepsAsync(sut, request);
        List<GeneratedTokens> warm = await Requests.StepsAsync(sut, request);
        Assert.Equal(0, cold[0].CachedPromptTokens);
        Assert.Equal(12, warm[0].CachedPromptTokens);
        Assert.Equal(cold.SelectMany(step => step.Tokens), warm.SelectMany(step => step.Tokens));
    }

    [Fact]
    public async Task Generate_PrefixCacheBypassed_ComputesEverything()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(blockTokens: 4));
        GenerationRequest request = Requests.Of(16, 6) with { UsePrefixCache = false };
        await Requests.StepsAsync(sut, request);
        List<GeneratedTokens> again = await Requests.StepsAsync(sut, request with { UsePrefixCache = true });
        Assert.Equal(0, again[0].CachedPromptTokens);
    }

    [Fact]
    public async Task Generate_ChoicesOfOneRequest_ShareTheirPromptsBlocks()
    {
        var pipeline = new FakePipeline(blockTokens: 4) { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        Task<List<GeneratedTokens>> first = Requests.StepsAsync(sut, Requests.Of(17, 4, seed: 1));
        Task<List<GeneratedTokens>> second = Requests.StepsAsync(sut, Requests.Of(17, 4, seed: 2));
        while (!first.IsCompleted || !second.IsCompleted)
        {
            if (pipeline.InFlight > 0)
            {
                await pipeline.ReleaseAsync();
            }
            await Task.Yield();
        }
        Assert.Equal(16, (await first)[0].CachedPromptTokens + (await second)[0].CachedPromptTokens);
    }

    [Fact]
    public async Task Generate_BlocksRunShort_PausesTheYoungestAndChangesNoToken()
    {
        var pipeline = new FakePipeline(blockCount: 20, blockTokens: 4, context: 80);
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, new FakeDrafter());
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Requests.Of(4, 50, (ulong)i, i, i % 3))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        Assert.True(sut.Status.Pauses > 0);
        await sut.UntilAsync(status => status.BlocksInUse == 0);
    }

    [Theory]
    [InlineData(60, 30, "context of 80")]
    [InlineData(20, 30, "KV cache of 10 blocks of 4")]
    public async Task Generate_CanNeverFit_IsRefusedWithTheNumbers(int prompt, int max, string limit)
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(blockCount: 10, blockTokens: 4, context: 80));
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(prompt, max)));
        Assert.Equal(GenerationErrors.ContextExceeded, error.Type);
        Assert.Contains(limit, error.Message);
        Assert.Contains($"'{max}'", error.Message);
    }

    [Fact]
    public async Task Generate_QueueFull_IsRefusedAsOverloaded()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { MaxSequences = 1, MaxQueue = 1 });
        Task<List<int>> running = Requests.RunAsync(sut, Requests.Of(3, 2));
        await pipeline.NextAsync();
        Task<List<int>> queued = Requests.RunAsync(sut, Requests.Of(3, 2));
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(3, 2)));
        Assert.Equal(GenerationErrors.Overloaded, error.Type);
        for (int i = 0; i < 4; i++)
        {
            await pipeline.ReleaseAsync();
        }
        Assert.Equal(2, (await running).Count + (await queued).Count - 2);
    }

    [Fact]
    public async Task Generate_ClientDoesNotRead_IsHeldBackWhileOthersGoOn()
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), options: new CoordinatorOptions { OutputBuffer = 3 });
        GenerationRequest slow = Requests.Of(4, 30, seed: 1);
        await using IAsyncEnumerator<GeneratedTokens> reader = sut.GenerateAsync(slow, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        List<int> tokens = [.. reader.Current.Tokens];
        GenerationRequest other = Requests.Of(4, 200, seed: 2);
        Assert.Equal(Requests.Expected(other), await Requests.RunAsync(sut, other));
        Assert.True(sut.Status.Generated < 210);
        while (await reader.MoveNextAsync())
        {
            tokens.AddRange(reader.Current.Tokens);
        }
        Assert.Equal(Requests.Expected(slow), tokens);
    }

    [Fact]
    public async Task Generate_RowDropped_StartsAgainFromItsTokens()
    {
        var pipeline = new FakePipeline();
        int drops = 0;
        pipeline.Alter = (batch, result) =>
        {
            if (batch.Step == 4)
            {
                drops++;
                result.Sequences[0] = new SequenceResult { Slot = result.Sequences[0].Slot, Error = new StepError(StepFaults.PrefixMismatch, "test") };
            }
            return result;
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, new FakeDrafter());
        GenerationRequest request = Requests.Of(6, 30, draft: 2);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(1, drops);
    }

    [Fact]
    public async Task Generate_EveryStepFails_FailsAfterTheRetriesWithTheReason()
    {
        var pipeline = new FakePipeline { Alter = static (batch, _) => new StepResult { Epoch = 1, Step = batch.Step, Error = new StepError("bad_step", "broken on purpose") } };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, options: new CoordinatorOptions { MaxRetries = 2 });
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(6, 30)));
        Assert.Equal(GenerationErrors.Internal, error.Type);
        Assert.Contains("broken on purpose", error.Message);
        Assert.Equal(3, pipeline.Log.Count);
        await sut.UntilAsync(status => status is { Running: 0, BlocksInUse: 0 });
    }

    [Fact]
    public async Task Dispose_WithOpenRequests_FailsThemAsUnavailable()
    {
        var pipeline = new FakePipeline { Manual = true };
        Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(6, 30));
        await pipeline.NextAsync();
        await sut.DisposeAsync();
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => run);
        Assert.Equal(GenerationErrors.Unavailable, error.Type);
        Assert.True(pipeline.IsDisposed);
    }

    [Fact]
    public async Task Drain_WithOpenRequests_LetsThemEndAndRefusesNewOnes()
    {
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);
        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(6, 3));
        await pipeline.NextAsync();
        Task drained = sut.DrainAsync(CancellationToken.None);
        await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(6, 3)));
        for (int i = 0; i < 3; i++)
        {
            await pipeline.ReleaseAsync();
        }
        Assert.Equal(3, (await run).Count);
        await drained;
    }
}
