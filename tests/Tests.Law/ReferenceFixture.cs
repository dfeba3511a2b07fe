using Xunit;

namespace Winnow.Tests.Law;

/// <summary>The truth: every request alone, without speculation, on one shard, its prompt in one piece, without prefix cache.</summary>
public sealed class ReferenceFixture : IAsyncLifetime
{
    private Dictionary<string, string> _fingerprints = [];

    /// <summary>Token ids of the prompts of <see cref="LawRequest.Mixed"/>, in order.</summary>
    public IReadOnlyList<int[]> Prompts { get; private set; } = [];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        Prompts = [.. LawRequest.Mixed.Select(model.Prompt)];
        IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed, draftTokens: 0, prefixCache: false, together: false);
        _fingerprints = outcomes.ToDictionary(outcome => outcome.Request.Name, outcome => outcome.Fingerprint, StringComparer.Ordinal);
    }

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>How many outcomes differ from the truth.</summary>
    public int Differences(IReadOnlyList<LawOutcome> outcomes)
        => outcomes.Count(outcome => outcome.Fingerprint != _fingerprints[outcome.Request.Name]);

    /// <summary>Every outcome equals the truth, or the first that does not is shown with it.</summary>
    public void AssertHolds(IReadOnlyList<LawOutcome> outcomes, string conditions)
    {
        foreach (LawOutcome outcome in outcomes)
        {
            string expected = _fingerprints[outcome.Request.Name];
            Assert.True(expected == outcome.Fingerprint, $"{conditions}:\nexpected {expected}\nactual   {outcome.Fingerprint}");
        }
    }
}
