using System.Text.Json.Serialization;

namespace Winnow.Gateway.Api;

/// <summary>Token counts of a request, in OpenAI's shape, with Winnow's speculation counters beside them.</summary>
public sealed record Usage
{
    /// <summary>Prompt tokens of all prompts.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Generated tokens of all choices, stop tokens included.</summary>
    public required int CompletionTokens { get; init; }

    /// <summary>Sum of both.</summary>
    public int TotalTokens => PromptTokens + CompletionTokens;

    /// <summary>Prompt tokens that came from the prefix cache.</summary>
    public required PromptTokensDetails PromptTokensDetails { get; init; }

    /// <summary>What speculation did for this request (an extension).</summary>
    public required SpeculationUsage Speculation { get; init; }
}

/// <summary>Part of <see cref="Usage"/>.</summary>
/// <param name="CachedTokens">Prompt tokens that came from the prefix cache.</param>
public sealed record PromptTokensDetails(int CachedTokens);

/// <summary>What speculation did for a request.</summary>
public sealed record SpeculationUsage
{
    /// <summary>How drafts were judged: the request's <c>speculation.rule</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>True when that rule changes what is generated; otherwise left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Lossy { get; init; }

    /// <summary>Target steps that produced tokens, over all choices.</summary>
    public required int Steps { get; init; }

    /// <summary>Draft tokens verified.</summary>
    public required int Drafted { get; init; }

    /// <summary>Draft tokens accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>Tokens per step: accepted drafts and the target's own one; 1 without drafts, 0 without steps.</summary>
    public required double MeanAcceptLength { get; init; }

    /// <summary>By place in the draft, from the first on: drafts accepted there over drafts that were that long.</summary>
    public required IReadOnlyList<double> AcceptanceByPosition { get; init; }

    /// <summary>By drafter, only those that drafted.</summary>
    public required IReadOnlyDictionary<string, DrafterUsage> Drafters { get; init; }
}

/// <summary>What one drafter did for a request.</summary>
/// <param name="Steps">Steps that verified its drafts.</param>
/// <param name="Drafted">Its draft tokens verified.</param>
/// <param name="Accepted">Those accepted.</param>
/// <param name="Share">Its part of all draft tokens verified, 0 to 1.</param>
public sealed record DrafterUsage(int Steps, int Drafted, int Accepted, double Share);
