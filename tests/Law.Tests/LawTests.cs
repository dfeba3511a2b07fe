namespace Winnow.Law.Tests;

/// <summary>
/// The law, in one process: sixteen mixed requests give the same tokens with speculation off and on, for every draft length, on 1 to 3
/// shards, alone and together, however prompts are chunked, and with the prefix cache hit or bypassed.
/// </summary>
public sealed class LawTests(ReferenceFixture reference) : IClassFixture<ReferenceFixture>
{
    private const int LongestDraft = 8;

    /// <summary>Alone is slow and adds little to together; every draft length of it runs when WINNOW_LONG_TESTS is set.</summary>
    private static readonly bool Long = Environment.GetEnvironmentVariable("WINNOW_LONG_TESTS") is "1";

    [Theory]
    [InlineData(1, 512)]
    [InlineData(1, 16)]
    [InlineData(2, 512)]
    [InlineData(2, 7)]
    [InlineData(3, 512)]
    [InlineData(3, 31)]
    public async Task Tokens_AnyDraftLengthBatchAndCache_EqualTheReference(int shards, int chunkTokens)
    {
        await using LawModel model = await LawModel.OpenAsync(shards, chunkTokens);
        for (int draftTokens = 0; draftTokens <= LongestDraft; draftTokens++)
        {
            await CheckAsync(model, draftTokens, prefixCache: false, together: true, $"{shards} shards, chunks of {chunkTokens}");
            await CheckAsync(model, draftTokens, prefixCache: true, together: true, $"{shards} shards, chunks of {chunkTokens}");
            if (Long || draftTokens == 3 + shards)
            {
                await CheckAsync(model, draftTokens, prefixCache: draftTokens % 2 == 0, together: false, $"{shards} shards, chunks of {chunkTokens}");
            }
        }
    }

    private async Task CheckAsync(LawModel model, int draftTokens, bool prefixCache, bool together, string where)
    {
        string conditions = $"{where}, draft length {draftTokens}, prefix cache {prefixCache}, together {together}";

        IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed, draftTokens, prefixCache, together);

        reference.AssertHolds(outcomes, conditions);
        int steps = outcomes.Sum(outcome => outcome.Steps);
        int tokens = outcomes.Sum(outcome => outcome.TokenCount);
        Assert.True(draftTokens == 0 ? outcomes.Sum(outcome => outcome.Drafted) == 0 : outcomes.Sum(outcome => outcome.Accepted) > 0 && steps < tokens,
            $"{conditions}: {steps} steps for {tokens} tokens, {outcomes.Sum(outcome => outcome.Accepted)} accepted of {outcomes.Sum(outcome => outcome.Drafted)}");
        // The first run fills the cache; every later one with the cache on must hit it.
        int cached = outcomes.Sum(outcome => outcome.CachedPromptTokens);
        Assert.True(prefixCache ? cached > 0 || draftTokens == 0 : cached == 0, $"{conditions}: {cached} prompt tokens came from the prefix cache");
    }
}
