using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>Requests for tests, and what must come of them.</summary>
internal static class Requests
{
    public static GenerationRequest Of(int promptTokens, int maxTokens, ulong seed = 1, int promptSeed = 0, int? draft = null, string drafter = DrafterNames.DraftModel) => new()
    {
        RequestId = $"r{seed}-{promptSeed}",
        PromptTokens = Prompt(promptTokens, promptSeed),
        Sampling = new SamplingParameters { Seed = seed },
        MaxTokens = maxTokens,
        Speculation = new SpeculationOptions { FixedDraftTokens = draft, Drafter = drafter },
    };

    public static int[] Prompt(int count, int seed = 0)
    {
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            tokens[i] = (int)((((uint)i * 2654435761u) + ((uint)seed * 40503u)) >> 8) % FakePipeline.Vocabulary;
        }
        return tokens;
    }

    public static List<int> Expected(GenerationRequest request) =>
        FakeTarget.Reference(request.PromptTokens, request.Sampling.Seed, request.MaxTokens, FakePipeline.Vocabulary);

    public static async Task<List<int>> RunAsync(IGenerator generator, GenerationRequest request, CancellationToken cancellation = default)
    {
        List<int> tokens = [];
        foreach (GeneratedTokens step in await StepsAsync(generator, request, cancellation))
        {
            tokens.AddRange(step.Tokens);
        }
        return tokens;
    }

    public static async Task<List<GeneratedTokens>> StepsAsync(IGenerator generator, GenerationRequest request, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TestLimits.Patience);
        List<GeneratedTokens> steps = [];
        await foreach (GeneratedTokens step in generator.GenerateAsync(request, limit.Token))
        {
            steps.Add(step);
        }
        return steps;
    }
}
