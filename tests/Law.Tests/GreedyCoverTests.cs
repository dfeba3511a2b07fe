using System.Text.Json;
using Winnow.Gateway.Coordination.Local;
using Winnow.Inference.Sampling;
using SharedFolder = Winnow.Tests.Common.SharedFolder;

namespace Winnow.Law.Tests;

/// <summary>
/// Greedy equality over many prompts, and the accounts of drafts (SPEC.md, section 27 C and H). With WINNOW_LONG_TESTS=1 and the shared questions there are 500 prompts, draft lengths 1 to 8
/// and batches 1 to 16; otherwise a slice of that, on prompts of the test's own.
/// </summary>
public sealed class GreedyCoverTests
{
    private const int Tokens = 24;
    private const int LongCount = 500;
    private const int ShortCount = 32;

    private static readonly bool Long = Environment.GetEnvironmentVariable("WINNOW_LONG_TESTS") is "1";

    [Fact]
    public async Task Tokens_ManyPromptsEveryLengthAndBatch_EqualThoseWithoutDrafts()
    {
        LawRequest[] requests = [.. Questions().Select((question, index) => Greedy($"{index}", question, Tokens))];
        await using LawModel model = await LawModel.OpenAsync(shards: 2, chunkTokens: 64);
        LawOutcome[] expected = await RunAsync(model, requests, draftTokens: 0, batch: 16);

        foreach (int batch in Long ? new[] { 1, 2, 4, 8, 16 } : [3, 16])
        {
            foreach (int length in Long ? [1, 2, 3, 4, 5, 6, 7, 8] : batch == 3 ? new[] { 4 } : [1, 8])
            {
                LawOutcome[] outcomes = await RunAsync(model, requests, length, batch);

                Assert.All(outcomes.Zip(expected), pair => Assert.Equal(pair.Second.Fingerprint, pair.First.Fingerprint));
                Assert.True(outcomes.Sum(outcome => outcome.Accepted) > 0, "no draft was accepted");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task Accepted_DraftModelIsTheTarget_IsEverythingBeforeTheEnd(int length)
    {
        var options = new LocalReplicaOptions { ModelPath = LawModel.TargetPath, DraftPath = LawModel.TargetPath, Shards = 2, Threads = 1, MaxSequences = 32 };
        await using LawModel model = await LawModel.OpenAsync(LocalReplica.Load(options), chunkTokens: 64);
        LawRequest[] requests = [.. OwnQuestions(16).Select((question, index) => Greedy($"{index}", question, 48))];

        LawOutcome[] outcomes = await RunAsync(model, requests, length, batch: 16);

        foreach (LawOutcome outcome in outcomes)
        {
            Assert.Equal(0, outcome.Refused);
            Assert.True(outcome.Drafted > 0, $"{outcome.Request.Name} had no drafts");
            // Every token was an accepted draft, or the one that ends each step.
            Assert.InRange(outcome.Accepted, outcome.TokenCount - outcome.Steps, outcome.TokenCount - outcome.Steps + 1);
        }
    }

    private static async Task<LawOutcome[]> RunAsync(LawModel model, LawRequest[] requests, int draftTokens, int batch)
    {
        var outcomes = new LawOutcome[requests.Length];
        await Parallel.ForAsync(0, requests.Length, new ParallelOptions { MaxDegreeOfParallelism = batch }, async (index, _) =>
            outcomes[index] = (await model.RunAsync([requests[index]], draftTokens, prefixCache: false, together: true))[0]);
        return outcomes;
    }

    private static LawRequest Greedy(string name, string question, int tokens)
        => new(name, question, SamplingParameters.Greedy, [], 1) { MaxTokens = tokens };

    private static IEnumerable<string> Questions() => Long && SharedFolder.Root is not null
        ? File.ReadLines(SharedFolder.File("data/gsm8k/test.jsonl")).Take(LongCount).Select(Question)
        : OwnQuestions(ShortCount);

    private static string Question(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("question").GetString()!;
    }

    private static IEnumerable<string> OwnQuestions(int count) => Enumerable.Range(0, count).Select(index => LawRequest.Mixed[index % 16].Prompt + (index < 16 ? "" : $" Add {index} to the result."));
}
