using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using V1 = Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Wire;

/// <summary>Sampling parameters as they come over the wire.</summary>
public static class SamplingCodec
{
    /// <summary>
    /// The parameters of a message. Fields are taken as they are, so the sender sets all of them: proto3 cannot tell 0 from unset. Only a message
    /// that is not there means greedy. Ranges are the engine's to check.
    /// </summary>
    public static SamplingParameters Decode(V1.SamplingParameters? message) => message is null ? SamplingParameters.Greedy : new SamplingParameters
    {
        Temperature = message.Temperature,
        TopK = message.TopK,
        TopP = message.TopP,
        MinP = message.MinP,
        RepetitionPenalty = message.RepetitionPenalty,
        PresencePenalty = message.PresencePenalty,
        FrequencyPenalty = message.FrequencyPenalty,
        LogitBias = message.LogitBias,
        BannedTokens = StepCodec.ToArray(message.BannedTokens),
        Seed = message.Seed,
        Choice = message.Choice,
        Logprobs = message.Logprobs,
        TopLogprobs = message.TopLogprobs,
        Rule = (AcceptanceRule)message.Rule,
        Grammar = message.Grammar is { } grammar ? new GrammarSource((GrammarKind)grammar.Kind, grammar.Text) : null,
    };
}
