using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting;

/// <summary>What the draft engine's tests ask with: a prompt, ways to sample, an engine on the fake shard, one question.</summary>
internal static class DraftEngineCases
{
    public static readonly int[] Prompt = [4, 8, 15, 16, 23, 42, 7];

    public static readonly SamplingParameters[] Samplings =
    [
        SamplingParameters.Greedy,
        new() { Seed = 5, Temperature = 0.9f, TopP = 0.95f, FrequencyPenalty = 0.5f, RepetitionPenalty = 1.2f },
        new() { Seed = 6, TopK = 12, MinP = 0.02f, PresencePenalty = 0.4f, Choice = 1 },
    ];

    public static DraftEngine Engine(int blocks = 256) => new(new FakeShard(FakeShard.Shape(blocks: blocks)));

    public static DraftProposal Ask(DraftEngine engine, DraftQuery query) => engine.Propose([query], [], CancellationToken.None)[0];
}
