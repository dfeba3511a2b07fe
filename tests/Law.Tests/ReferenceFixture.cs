namespace Winnow.Law.Tests;

/// <summary>The truth: every request alone, without speculation, on one shard, its prompt in one piece, without prefix cache.</summary>
public sealed class ReferenceFixture : IAsyncLifetime
{
    /// <summary>Fingerprints of the requests, in order.</summary>
    public IReadOnlyList<string> Fingerprints { get; private set; } = [];

    public async Task InitializeAsync()
    {
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        Fingerprints = [.. (await model.RunAsync(LawRequest.Mixed, draftTokens: 0, prefixCache: false, together: false)).Select(outcome => outcome.Fingerprint)];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>How many outcomes differ from the truth.</summary>
    internal int Differences(IReadOnlyList<LawOutcome> outcomes)
        => outcomes.Where((outcome, index) => outcome.Fingerprint != Fingerprints[index]).Count();

    /// <summary>Every outcome equals the truth, or the first that does not is shown with it.</summary>
    internal void AssertHolds(IReadOnlyList<LawOutcome> outcomes, string conditions)
    {
        for (int i = 0; i < outcomes.Count; i++)
        {
            Assert.True(Fingerprints[i] == outcomes[i].Fingerprint, $"{conditions}:\nexpected {Fingerprints[i]}\nactual   {outcomes[i].Fingerprint}");
        }
    }
}
