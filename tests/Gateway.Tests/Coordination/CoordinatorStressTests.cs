using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination;

/// <summary>Random mixes of requests, cancellations, drafts and memory pressure; the fake target checks every KV row that is read.</summary>
public sealed class CoordinatorStressTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Generate_RandomMix_EveryTokenIsRightAndEveryBlockComesBack(int seed)
    {
        var random = new Random(seed);
        var pipeline = new FakePipeline(shards: random.Next(1, 4), blockCount: random.Next(24, 60), blockTokens: random.Next(2, 6), context: 90);
        var drafter = new FakeDrafter { Token = (query, index, right) => ((query.Sequence + index + query.KnownLength) % 4) == 0 ? 1 : right };
        var options = new CoordinatorOptions
        {
            MaxSequences = random.Next(2, 9),
            MaxStepTokens = random.Next(9, 40),
            PrefillChunkTokens = random.Next(1, 9),
            MinStepSequences = random.Next(1, 4),
            OutputBuffer = random.Next(1, 20),
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter, options);
        Task[] runs = [.. Enumerable.Range(0, 40).Select(i => RunAsync(sut, MakeRequest(random, i), random.Next(4) == 0 ? random.Next(1, 10) : int.MaxValue))];
        await Task.WhenAll(runs);
        await sut.UntilAsync(status => status is { Running: 0, Waiting: 0, BlocksInUse: 0 });
    }

    private static GenerationRequest MakeRequest(Random random, int index)
    {
        int prompt = random.Next(1, 30);
        int? draft = random.Next(3) switch { 0 => 0, 1 => random.Next(1, 9), _ => null };
        return Requests.Of(prompt, random.Next(1, 25), (ulong)index, random.Next(3), draft) with { UsePrefixCache = random.Next(5) != 0 };
    }

    // A client that leaves after some results, or stays to the end.
    private static async Task RunAsync(Coordinator sut, GenerationRequest request, int leavesAfter)
    {
        List<int> tokens = [];
        int results = 0;
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        await foreach (GeneratedTokens step in sut.GenerateAsync(request, limit.Token))
        {
            tokens.AddRange(step.Tokens);
            if (++results == leavesAfter)
            {
                break;
            }
            await Task.Yield();
        }
        List<int> expected = Requests.Expected(request);
        Assert.Equal(expected.Take(tokens.Count), tokens);
        Assert.True(results == leavesAfter || tokens.Count == expected.Count);
    }
}
