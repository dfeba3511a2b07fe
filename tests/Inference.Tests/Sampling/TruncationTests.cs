using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

/// <summary>Cases worked out by hand; probabilities are 0.5, 0.25, 0.125, 0.0625 and 0.0625.</summary>
public sealed class TruncationTests
{
    private static readonly float[] Logits = [Log2(3), Log2(1), Log2(4), Log2(1), Log2(2)];

    [Theory]
    [InlineData(1, 1f, 0f, new[] { 2 })]
    [InlineData(2, 1f, 0f, new[] { 0, 2 })]
    [InlineData(4, 1f, 0f, new[] { 0, 1, 2, 4 })]
    [InlineData(9, 1f, 0f, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(0, 0.49f, 0f, new[] { 2 })]
    [InlineData(0, 0.51f, 0f, new[] { 0, 2 })]
    [InlineData(0, 0.74f, 0f, new[] { 0, 2 })]
    [InlineData(0, 0.9f, 0f, new[] { 0, 1, 2, 4 })]
    [InlineData(0, 0.95f, 0f, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(2, 0.66f, 0f, new[] { 2 })]
    [InlineData(2, 0.67f, 0f, new[] { 0, 2 })]
    [InlineData(0, 1f, 0.24f, new[] { 0, 2, 4 })]
    [InlineData(0, 1f, 0.26f, new[] { 0, 2 })]
    [InlineData(0, 1f, 1f, new[] { 2 })]
    [InlineData(4, 0.8f, 0.4f, new[] { 0, 2 })]
    public void Sample_Truncated_DrawsExactlyTheseTokens(int topK, float topP, float minP, int[] expected)
    {
        TokenSampler sut = new(Logits.Length);
        SamplingPlan plan = SamplingPlan.Create(new() { TopK = topK, TopP = topP, MinP = minP, Seed = 1 }, Logits.Length);

        int[] drawn = [.. Enumerable.Range(0, 800).Select(index => sut.Sample(Logits, plan, null, [], index)).Distinct().Order()];

        Assert.Equal(expected, drawn);
    }

    [Fact]
    public void Sample_TruncationOn_DrawsTheFullDrawsTokenWheneverItSurvives()
    {
        TokenSampler sut = new(Logits.Length);
        SamplingPlan full = SamplingPlan.Create(new() { Seed = 1 }, Logits.Length);
        SamplingPlan cut = SamplingPlan.Create(new() { Seed = 1, TopK = 3 }, Logits.Length);
        for (int index = 0; index < 300; index++)
        {
            int token = sut.Sample(Logits, full, null, [], index);
            Assert.True(token is 1 or 3 || sut.Sample(Logits, cut, null, [], index) == token);
        }
    }

    private static float Log2(int power) => power * MathF.Log(2);
}
