using System.Text.Json;
using Winnow.Contracts.Grains;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// Generates tokens for one model: the seam between the HTTP API (or the command line) and the batching coordinator.
/// </summary>
public interface IGenerator
{
    /// <summary>
    /// Queues one choice and streams its tokens as they are committed. Cancelling (or disposing the enumerator) frees the slot
    /// within one step.
    /// </summary>
    /// <exception cref="GenerationException">The request cannot be run, or its stream broke.</exception>
    IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, CancellationToken cancellation);

    /// <summary>When a request that has to wait may expect a place, by how often others end.</summary>
    TimeSpan QueueWait => TimeSpan.FromSeconds(1);
}

/// <summary>One choice to generate.</summary>
public sealed record GenerationRequest
{
    /// <summary>Request id, for logs, sessions and traces; equal for all choices of a request.</summary>
    public required string RequestId { get; init; }

    /// <summary>Prompt token ids, at least one.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>Sampling parameters, with the seed and the choice index filled in.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Place of the choice in the answer, which names its checkpoints; over several prompts it differs from the sampling's choice index.</summary>
    public int Index { get; init; }

    /// <summary>
    /// Tokens of the choice that were generated before, fewer than <see cref="MaxTokens"/> and none that ends it: the generation goes on behind them. Default none.
    /// </summary>
    public IReadOnlyList<int> Generated { get; init; } = [];

    /// <summary>A run of the same choice that is still under way ends with <see cref="GenerationErrors.TakenOver"/>. Default false.</summary>
    public bool TakesOver { get; init; }

    /// <summary>
    /// Which run of the choice this is, where another one would generate other tokens (<see cref="IsRepeatable"/>): later ones have higher numbers, so that no session mixes the tokens of
    /// two. Default 0, the first.
    /// </summary>
    public long Run { get; init; }

    /// <summary>What goes into the choice's session as <see cref="SessionHead.StreamJson"/>; <see langword="null"/> for no checkpoints. Default null.</summary>
    public string? StreamJson { get; init; }

    /// <summary>Most tokens to generate, at least 1; prompt plus this fits the context.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Tokens that end the choice; the ending token is reported, with <see cref="FinishReason.Stop"/>.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>
    /// What the generated text must be, compiled for the model's vocabulary from what <see cref="SamplingParameters.Grammar"/> says; <see langword="null"/> where that is. A text
    /// that is complete ends the choice with <see cref="FinishReason.Stop"/>, without an end token.
    /// </summary>
    public TokenGrammar? Grammar { get; init; }

    /// <summary>
    /// Content of the model that its tokens are of, as <see cref="PipelineShape.Content"/> names it: no other one goes on with them. Default empty, any.
    /// </summary>
    public string Content { get; init; } = "";

    /// <summary>Token ids of the model, for checking what another gateway says that it generated. Default 0, any.</summary>
    public int VocabularySize { get; init; }

    /// <summary>How to speculate.</summary>
    public SpeculationOptions Speculation { get; init; } = SpeculationOptions.Adaptive;

    /// <summary>Who goes first where not all can: lower before higher, and the older of equals. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Reuse keys and values of an earlier request's prompt, and leave this one's for others. Default true.</summary>
    public bool UsePrefixCache { get; init; } = true;

    /// <summary>Every run generates the same tokens: they do not depend on how drafts are judged.</summary>
    public bool IsRepeatable => AcceptanceRules.IsRepeatable(Sampling);

    /// <summary>The same choice, to go on elsewhere behind the tokens that it has generated.</summary>
    /// <param name="generated">Those.</param>
    internal GenerationRequest GoingOn(IReadOnlyList<int> generated) => this with { Generated = generated, TakesOver = true, Run = IsRepeatable ? 0 : Run + 1 };

    /// <summary>What the choice's session begins with.</summary>
    /// <param name="model">Model name.</param>
    internal SessionHead ToHead(string model) => new()
    {
        RequestId = RequestId,
        Choice = Index,
        Model = model,
        PromptTokens = PromptTokens.ToArray(),
        SamplingJson = JsonSerializer.Serialize(Sampling),
        StreamJson = StreamJson ?? "",
    };
}

/// <summary>How a request speculates.</summary>
public sealed record SpeculationOptions
{
    /// <summary>Longest draft a request may ask for: tokens of a chain, or on the way from a tree's root to a leaf.</summary>
    public const int MaxDraftTokens = 16;

    /// <summary>Largest draft tree a request may ask for.</summary>
    public const int MaxTreeNodes = 64;

    /// <summary>Draft length chosen per sequence and step from its acceptance so far.</summary>
    public static SpeculationOptions Adaptive { get; } = new();

    /// <summary>No drafts.</summary>
    public static SpeculationOptions Off { get; } = new() { FixedDraftTokens = 0 };

    /// <summary>Who drafts, one of <see cref="Inference.Drafting.DrafterNames"/>; <see langword="null"/> for the model's own setting. A name that is not known drafts nothing.</summary>
    public string? Drafter { get; init; }

    /// <summary>Draft tokens every step, nodes of a tree when <see cref="Shape"/> is one; <see langword="null"/> for adaptive.</summary>
    public int? FixedDraftTokens { get; init; }

    /// <summary>Most draft tokens of a step, one after another; the coordinator's own limit holds too.</summary>
    public int MostDraftTokens { get; init; } = MaxDraftTokens;

    /// <summary>Chains or trees.</summary>
    public DraftShape Shape { get; init; }
}

/// <summary>What drafts are to look like; the names in requests are these in lower case.</summary>
public enum DraftShape
{
    /// <summary>Whichever is expected to gain more; a chain where the number of draft tokens is given.</summary>
    Auto,

    /// <summary>Chains only.</summary>
    Chain,

    /// <summary>Trees wherever drafter and shards can.</summary>
    Tree,
}

/// <summary>Why a choice ended.</summary>
public enum FinishReason
{
    /// <summary>Not ended.</summary>
    None,

    /// <summary>A stop token was sampled, or the text of a grammar is complete.</summary>
    Stop,

    /// <summary>The token limit was reached.</summary>
    Length,
}

/// <summary>Tokens committed by one step of one choice.</summary>
public sealed record GeneratedTokens
{
    /// <summary>Token ids in order, never empty.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>One entry per token when the request asked for log-probabilities; otherwise empty.</summary>
    public IReadOnlyList<TokenLogprobs> Logprobs { get; init; } = [];

    /// <summary>Draft tokens this step sent for verification.</summary>
    public int Drafted { get; init; }

    /// <summary>Those of them on the way from the root to the deepest leaf: all of a chain.</summary>
    public int DraftDepth { get; init; }

    /// <summary>Draft tokens this step accepted.</summary>
    public int Accepted { get; init; }

    /// <summary>Who drafted for this step; <see langword="null"/> when nothing was drafted.</summary>
    public string? Drafter { get; init; }

    /// <summary>Prompt tokens that came from the prefix cache; set with the first tokens.</summary>
    public int CachedPromptTokens { get; init; }

    /// <summary>Set with the last tokens.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>The first tokens of these, which do not end the choice; the counts stay with the rest.</summary>
    internal GeneratedTokens First(int count) => new() { Tokens = [.. Tokens.Take(count)], Logprobs = [.. Logprobs.Take(count)] };

    /// <summary>The same without the first tokens.</summary>
    internal GeneratedTokens Without(int count) => this with { Tokens = [.. Tokens.Skip(count)], Logprobs = [.. Logprobs.Skip(count)] };
}

/// <summary>A generation that cannot start or go on.</summary>
public sealed class GenerationException(string type, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable snake_case name, listed in docs/errors.md.</summary>
    public string Type { get; } = type;

    /// <summary>When a retry may succeed, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
