using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Law.Tests;

/// <summary>
/// The whole engine under the rules that keep the distribution: a coordinator with adaptive lengths, trees, drafts made ahead and a changing batch generates three tokens for many
/// seeds, whose joint distribution is the target's.
/// </summary>
public sealed class AcceptanceRuleTests
{
    private const int Vocabulary = 4;
    private const int Tokens = 3;
    private const int Cells = Vocabulary * Vocabulary * Vocabulary;
    private const int Requests = 8_000;

    // Upper 1e-4 point of the chi-square distribution with 63 degrees of freedom.
    private const double Critical = 113.5;

    private static readonly int[] Prompt = [1, 3, 0];

    [Theory]
    [InlineData("coupled", "auto")]
    [InlineData("rejection", "auto")]
    [InlineData("rsd", "tree")]
    [InlineData("spectr", "tree")]
    public async Task Generate_ManySeeds_FollowsTheTargetsDistribution(string rule, string shape)
    {
        var sampling = new SamplingParameters { Temperature = 0.8f, PresencePenalty = 0.3f, Rule = AcceptanceRules.Find(rule)!.Value };
        var speculation = new SpeculationOptions
        {
            Drafter = DrafterNames.DraftModel,
            Shape = Enum.Parse<DraftShape>(shape, ignoreCase: true),
            FixedDraftTokens = shape == "tree" ? 8 : null,
        };
        // Adaptive lengths fall to none where drafts do not pay; every other request has a length of its own, so that there is always something to verify.
        SpeculationOptions certain = shape == "auto" ? new SpeculationOptions { Drafter = DrafterNames.DraftModel, FixedDraftTokens = 3 } : speculation;
        int[] counts = new int[Cells];
        (int drafted, int accepted) = await RunAsync(sampling, [speculation, certain], counts);

        double[] law = Law(sampling);
        double statistic = law.Select((p, cell) => (counts[cell] - (Requests * p)) * (counts[cell] - (Requests * p)) / (Requests * p)).Sum();
        Assert.InRange(statistic, 0, Critical);
        Assert.True(accepted > Requests / 2 && drafted > accepted, $"{accepted} of {drafted} accepted");
    }

    private static async Task<(int Drafted, int Accepted)> RunAsync(SamplingParameters sampling, SpeculationOptions[] speculation, int[] counts)
    {
        var target = new InProcessPipeline([new ShardEngine(new FakeShard(FakeShard.Shape(blocks: 256, scratch: 256, vocabulary: Vocabulary)))]);
        var drafter = new InProcessDraftClient(new DraftEngine(new FakeShard(FakeShard.Shape(blocks: 512, vocabulary: Vocabulary), model: 2)));
        await using var coordinator = new Coordinator("law", new FixedReplicaSource(target, drafter), new CoordinatorOptions { CalibrationTime = TimeSpan.Zero }, TimeProvider.System, NullLogger.Instance);
        coordinator.Start();
        await coordinator.WaitUntilReadyAsync(default);
        int drafted = 0;
        int accepted = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 12 };
        await Parallel.ForAsync(0, Requests, parallel, async (i, cancellation) =>
        {
            var request = new GenerationRequest
            {
                RequestId = $"r{i}",
                PromptTokens = Prompt,
                Sampling = sampling with { Seed = (ulong)i },
                MaxTokens = Tokens + 3,
                Speculation = speculation[i % speculation.Length],
            };
            List<int> tokens = [];
            await foreach (GeneratedTokens step in coordinator.GenerateAsync(request, cancellation))
            {
                tokens.AddRange(step.Tokens);
                Interlocked.Add(ref drafted, step.Drafted);
                Interlocked.Add(ref accepted, step.Accepted);
            }
            Interlocked.Increment(ref counts[Cell(tokens)]);
        });
        return (drafted, accepted);
    }

    private static int Cell(List<int> tokens) => (((tokens[0] * Vocabulary) + tokens[1]) * Vocabulary) + tokens[2];

    /// <summary>Probability of every three tokens, one by one.</summary>
    private static double[] Law(SamplingParameters sampling)
    {
        double[] law = new double[Cells];
        SamplingPlan plan = SamplingPlan.Create(sampling, Vocabulary);
        for (int cell = 0; cell < Cells; cell++)
        {
            int[] tokens = [.. Prompt, cell / Vocabulary / Vocabulary, cell / Vocabulary % Vocabulary, cell % Vocabulary];
            law[cell] = 1;
            for (int i = Prompt.Length; i < tokens.Length; i++)
            {
                float[] logits = new float[Vocabulary];
                FakeShard.Logits(PrefixHash.Of(tokens[..i]), 1, logits);
                TokenHistory history = new(Prompt.Length);
                history.SyncTo(tokens[..i]);
                double[] weights = new double[Vocabulary];
                double total = new TokenSampler(Vocabulary).Weigh(logits, plan, history, [], weights);
                law[cell] *= weights[tokens[i]] / total;
            }
        }
        return law;
    }
}
