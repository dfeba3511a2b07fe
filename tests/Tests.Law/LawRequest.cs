using Winnow.Inference.Sampling;

namespace Winnow.Tests.Law;

/// <summary>One of the sixteen requests of the law: a prompt, a way to sample, stop strings, and a number of choices.</summary>
/// <param name="Name">Name in failures.</param>
/// <param name="Prompt">Question.</param>
/// <param name="Sampling">Parameters; the choice index is set per choice.</param>
/// <param name="Stops">Stop strings.</param>
/// <param name="Choices">1 or 2.</param>
public sealed record LawRequest(string Name, string Prompt, SamplingParameters Sampling, IReadOnlyList<string> Stops, int Choices)
{
    private const int ShortAnswer = 32;

    private static readonly string[] Prompts =
    [
        "Tom has 3 bags with 4 apples each. How many apples does he have?",
        "A train travels 60 miles in one hour. How far does it travel in 5 hours?",
        "Mia saves $7 every week. After 6 weeks she buys a book for $15. How much money is left?",
        "There are 24 students in a class. A third of them play football. How many do not play?",
        "A baker makes 12 trays with 8 rolls each and burns 5 rolls. How many good rolls are there?",
        "Sam is twice as old as Ann. Ann is 9. How old will Sam be in 4 years?",
        "A box holds 10 crayons. Leo has 7 boxes and loses 13 crayons. How many are left?",
        "Each dog eats 2 cups of food a day. How many cups do 5 dogs eat in a week?",
    ];

    private static readonly (string Name, SamplingParameters Sampling)[] Samplings =
    [
        ("greedy", SamplingParameters.Greedy),
        ("temperature", new SamplingParameters { Temperature = 1 }),
        ("top-k", new SamplingParameters { Temperature = 0.8f, TopK = 20 }),
        ("top-p", new SamplingParameters { Temperature = 0.9f, TopP = 0.9f }),
        ("min-p", new SamplingParameters { Temperature = 1.2f, MinP = 0.05f }),
        ("penalties", new SamplingParameters { Temperature = 0.7f, RepetitionPenalty = 1.2f, PresencePenalty = 0.5f, FrequencyPenalty = 0.3f }),
        ("bias", new SamplingParameters { Temperature = 1, LogitBias = new Dictionary<int, float> { [300] = 4, [20] = -5, [1000] = 2.5f } }),
        ("greedy penalties", SamplingParameters.Greedy with { RepetitionPenalty = 1.3f, FrequencyPenalty = 0.2f }),
    ];

    /// <summary>Most tokens of a choice.</summary>
    public int MaxTokens { get; init; } = ShortAnswer;

    /// <summary>Goes on to <see cref="MaxTokens"/>: the model's end tokens are never sampled.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Sixteen requests: every way to sample twice, seeds 1 to 3, two choices in one of four, stop strings in one of four.</summary>
    public static IReadOnlyList<LawRequest> Mixed { get; } = [.. Enumerable.Range(0, 16).Select(Make)];

    private static LawRequest Make(int index)
    {
        (string name, SamplingParameters sampling) = Samplings[index % Samplings.Length];
        ulong seed = (ulong)(1 + (index % 3));
        return new LawRequest(
            $"{index}: {name}, seed {seed}",
            Prompts[(index * 5 + index / 8) % Prompts.Length],
            sampling with { Seed = seed, Logprobs = true },
            index % 4 == 1 ? [".\n", " more "] : [],
            index % 4 == 3 ? 2 : 1);
    }
}
