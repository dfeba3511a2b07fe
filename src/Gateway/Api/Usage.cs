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
/// <param name="Steps">Target steps that produced tokens, over all choices.</param>
/// <param name="Drafted">Draft tokens verified.</param>
/// <param name="Accepted">Draft tokens accepted.</param>
public sealed record SpeculationUsage(int Steps, int Drafted, int Accepted);
