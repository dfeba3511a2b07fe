using System.Globalization;

namespace Winnow.Inference.Sampling;

/// <summary>The ranges of <see cref="SamplingParameters"/>.</summary>
internal static class SamplingValidation
{
    private const float HighestRepetitionPenalty = 100;
    private const float LowestRepetitionPenalty = 0.01f;
    private const int MostTopLogprobs = 20;

    public static List<SamplingProblem> Validate(SamplingParameters parameters, int? vocabularySize)
    {
        List<SamplingProblem> problems = [];
        Range(problems, "temperature", parameters.Temperature, 0, 2);
        Range(problems, "top_p", parameters.TopP, 0, 1);
        if (parameters.TopP == 0)
        {
            problems.Add(new("top_p", "top_p is '0'; it must be above 0 and at most 1; use temperature 0 for greedy decoding."));
        }
        Range(problems, "min_p", parameters.MinP, 0, 1);
        Range(problems, "repetition_penalty", parameters.RepetitionPenalty, LowestRepetitionPenalty, HighestRepetitionPenalty);
        Range(problems, "presence_penalty", parameters.PresencePenalty, -2, 2);
        Range(problems, "frequency_penalty", parameters.FrequencyPenalty, -2, 2);
        if (parameters.TopK < 0)
        {
            problems.Add(new("top_k", $"top_k is '{parameters.TopK}'; it must be 0 (off) or more."));
        }
        if (parameters.Choice < 0)
        {
            problems.Add(new("n", $"The choice index is '{parameters.Choice}'; it must be 0 or more."));
        }
        if (!AcceptanceRules.IsKnown(parameters.Rule))
        {
            problems.Add(new("speculation.rule", $"The acceptance rule is '{(int)parameters.Rule}'; it must be one of {AcceptanceRules.Listed}."));
        }
        if (parameters.Grammar?.Problem() is { } problem)
        {
            problems.Add(new("structured_outputs", problem));
        }
        ValidateLogprobs(problems, parameters);
        ValidateTokens(problems, parameters, vocabularySize);
        return problems;
    }

    private static void ValidateLogprobs(List<SamplingProblem> problems, SamplingParameters parameters)
    {
        if (parameters.TopLogprobs is < 0 or > MostTopLogprobs)
        {
            problems.Add(new("top_logprobs", $"top_logprobs is '{parameters.TopLogprobs}'; it must be from 0 to {MostTopLogprobs}."));
        }
        else if (parameters.TopLogprobs > 0 && !parameters.Logprobs)
        {
            problems.Add(new("top_logprobs", $"top_logprobs is '{parameters.TopLogprobs}' without logprobs; set logprobs to true."));
        }
    }

    private static void ValidateTokens(List<SamplingProblem> problems, SamplingParameters parameters, int? vocabularySize)
    {
        int tokens = vocabularySize ?? int.MaxValue;
        foreach ((int token, float bias) in parameters.LogitBias)
        {
            if (token < 0 || token >= tokens)
            {
                problems.Add(new("logit_bias", $"logit_bias names token '{token}'; token ids are from 0 to {tokens - 1}."));
            }
            Range(problems, "logit_bias", bias, -100, 100);
        }
        foreach (int token in parameters.BannedTokens)
        {
            if (token < 0 || token >= tokens)
            {
                problems.Add(new("banned_tokens", $"banned_tokens names token '{token}'; token ids are from 0 to {tokens - 1}."));
            }
        }
    }

    private static void Range(List<SamplingProblem> problems, string field, float value, float low, float high)
    {
        if (!(value >= low && value <= high))
        {
            problems.Add(new(field, string.Create(CultureInfo.InvariantCulture, $"{field} is '{value}'; it must be from {low} to {high}.")));
        }
    }
}
