using Winnow.Inference.Grammar;

namespace Winnow.Inference.Sampling;

/// <summary>
/// How the target's token is drawn at every position. With the model, the tokens before and the seed these determine the output.
/// </summary>
public sealed record SamplingParameters
{
    /// <summary>Greedy decoding with everything else off.</summary>
    public static SamplingParameters Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Softmax temperature; 0 is greedy. Default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keep only the K most likely tokens; 0 is off.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set whose probability reaches P; 1 is off.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keep tokens with at least this fraction of the best token's probability; 0 is off.</summary>
    public float MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of seen tokens (CTRL, arXiv 1909.05858); 1 is off.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted once from the logit of every token generated so far (OpenAI API); 0 is off.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted per occurrence from the logit of every token generated so far (OpenAI API); 0 is off.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of single tokens before anything else.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Tokens that are never sampled, such as the end token under <c>ignore_eos</c>.</summary>
    public IReadOnlyList<int> BannedTokens { get; init; } = [];

    /// <summary>What the generated text must be; <see langword="null"/> for anything. Tokens that cannot go on it have probability 0.</summary>
    public GrammarSource? Grammar { get; init; }

    /// <summary>Key of the noise.</summary>
    public ulong Seed { get; init; }

    /// <summary>Choice index of a request with several choices; part of the noise key.</summary>
    public int Choice { get; init; }

    /// <summary>Report the log-probability of every token, from the unprocessed logits.</summary>
    public bool Logprobs { get; init; }

    /// <summary>Alternatives to report per token, 0 to 20.</summary>
    public int TopLogprobs { get; init; }

    /// <summary>How drafts are judged. Only <see cref="AcceptanceRule.Coupled"/>, the default, gives tokens that do not depend on them.</summary>
    public AcceptanceRule Rule { get; init; }

    /// <summary>Checks every field.</summary>
    /// <param name="vocabularySize">V, when the model is known: token ids are then checked against it.</param>
    /// <returns>All problems, with the field names of the OpenAI API; empty when there is none.</returns>
    public IReadOnlyList<SamplingProblem> Validate(int? vocabularySize = null) => SamplingValidation.Validate(this, vocabularySize);
}
