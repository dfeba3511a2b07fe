using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class SamplingParametersTests
{
    public static TheoryData<string, SamplingParameters> Bad => new()
    {
        { "temperature", new() { Temperature = -0.1f } },
        { "temperature", new() { Temperature = 2.1f } },
        { "temperature", new() { Temperature = float.NaN } },
        { "top_k", new() { TopK = -1 } },
        { "top_p", new() { TopP = 0 } },
        { "top_p", new() { TopP = 1.1f } },
        { "min_p", new() { MinP = -0.1f } },
        { "min_p", new() { MinP = 1.5f } },
        { "repetition_penalty", new() { RepetitionPenalty = 0 } },
        { "repetition_penalty", new() { RepetitionPenalty = float.PositiveInfinity } },
        { "presence_penalty", new() { PresencePenalty = 2.5f } },
        { "frequency_penalty", new() { FrequencyPenalty = -2.5f } },
        { "logit_bias", new() { LogitBias = new Dictionary<int, float> { [10] = 1 } } },
        { "logit_bias", new() { LogitBias = new Dictionary<int, float> { [-1] = 1 } } },
        { "logit_bias", new() { LogitBias = new Dictionary<int, float> { [1] = 101 } } },
        { "logit_bias", new() { LogitBias = new Dictionary<int, float> { [1] = float.NaN } } },
        { "banned_tokens", new() { BannedTokens = [10] } },
        { "n", new() { Choice = -1 } },
        { "top_logprobs", new() { Logprobs = true, TopLogprobs = 21 } },
        { "top_logprobs", new() { TopLogprobs = 1 } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Validate_FieldOutOfRange_NamesItOnceAndSaysWhatIsAllowed(string field, SamplingParameters sut)
    {
        SamplingProblem problem = Assert.Single(sut.Validate(10));

        Assert.Equal(field, problem.Field);
        Assert.Contains("'", problem.Message);
        Assert.EndsWith(".", problem.Message);
        Assert.Throws<ArgumentException>(() => SamplingPlan.Create(sut, 10));
    }

    [Fact]
    public void Validate_SeveralFieldsOutOfRange_TellsAll()
    {
        SamplingParameters sut = new() { Temperature = 9, TopP = 0, TopK = -3 };

        Assert.Equal(["temperature", "top_p", "top_k"], sut.Validate().Select(problem => problem.Field));
    }

    [Fact]
    public void Validate_Limits_AreAllowed()
    {
        SamplingParameters sut = new()
        {
            Temperature = 2,
            TopP = 1,
            MinP = 1,
            TopK = int.MaxValue,
            PresencePenalty = -2,
            FrequencyPenalty = 2,
            RepetitionPenalty = 100,
            LogitBias = new Dictionary<int, float> { [0] = -100, [9] = 100 },
            BannedTokens = [9],
            Logprobs = true,
            TopLogprobs = 20,
        };

        Assert.Empty(sut.Validate(10));
        Assert.Empty(SamplingParameters.Greedy.Validate());
    }
}
