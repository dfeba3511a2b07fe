using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class TokenHistoryTests
{
    [Fact]
    public void Penalties_PromptAndGenerated_FollowTheirDefinitions()
    {
        // Token 0 in the prompt only, 1 twice generated, 2 never, 3 in both and once generated.
        TokenHistory sut = new(2);
        sut.SyncTo([0, 3, 1, 1, 3]);
        SamplingPlan plan = SamplingPlan.Create(new() { RepetitionPenalty = 2, FrequencyPenalty = 0.5f, PresencePenalty = 0.25f }, 4);
        float[] logits = [4, -1, 4, 8];

        sut.Penalise(plan, logits);

        Assert.Equal([2, -2 - (2 * 0.5f) - 0.25f, 4, 4 - 0.5f - 0.25f], logits);
    }

    [Fact]
    public void SyncTo_AnyTokens_CountsLikeAFreshHistory()
    {
        Random random = new(4);
        TokenHistory sut = new(5);
        SamplingPlan plan = SamplingPlan.Create(new() { RepetitionPenalty = 1.5f, FrequencyPenalty = 0.5f, PresencePenalty = 0.25f }, 8);
        for (int round = 0; round < 300; round++)
        {
            int[] tokens = [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(8))];
            TokenHistory fresh = new(5);
            sut.SyncTo(tokens);
            fresh.SyncTo(tokens);
            float[] found = [1, 2, 3, 4, -1, -2, -3, 0];
            float[] expected = [.. found];

            sut.Penalise(plan, found);
            fresh.Penalise(plan, expected);

            Assert.Equal(tokens.Length, sut.Length);
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void RemoveLast_Empty_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => new TokenHistory(1).RemoveLast());
    }
}
