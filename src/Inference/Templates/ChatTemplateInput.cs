using System.Text.Json;

namespace Winnow.Inference.Templates;

/// <summary>What a chat template sees.</summary>
public sealed record ChatTemplateInput
{
    /// <summary>The conversation: an array of objects with <c>role</c> and <c>content</c>, as in OpenAI's API.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>The tools, an array; undefined in the template when null.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>End with the beginning of the assistant's answer.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>The name of the begin token; undefined in the template when null.</summary>
    public string? BosToken { get; init; }

    /// <summary>The name of the end token; undefined in the template when null.</summary>
    public string? EosToken { get; init; }

    /// <summary>More variables for the template; they take precedence.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What <c>strftime_now</c> formats.</summary>
    public required DateTimeOffset Now { get; init; }
}
