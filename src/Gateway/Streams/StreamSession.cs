using System.Text.Json;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Streams;

/// <summary>What a gateway needs besides tokens and sampling to word the rest of an answer; kept as JSON in every checkpoint of a choice.</summary>
internal sealed record StreamSession
{
    /// <summary>The version that is written.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of this record.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Which endpoint answers.</summary>
    public required StreamKind Kind { get; init; }

    /// <summary>Unix seconds of the request.</summary>
    public required long Created { get; init; }

    /// <summary>Whose stream it is: as <see cref="Api.StreamOwner"/> has it; only the same caller may take it up again.</summary>
    public required string Owner { get; init; }

    /// <summary>Choices of the stream, over all prompts.</summary>
    public required int Choices { get; init; }

    /// <summary>Choices of each prompt.</summary>
    public required int ChoicesPerPrompt { get; init; }

    /// <summary>Most tokens of this choice.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>End tokens do not end it.</summary>
    public required bool IgnoreEos { get; init; }

    /// <summary>Stop strings.</summary>
    public required IReadOnlyList<string> Stops { get; init; }

    /// <summary>The usage is sent at the end.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>Token ids are in the events.</summary>
    public required bool ReturnTokenIds { get; init; }

    /// <summary>Tokens in log-probabilities are written as ids.</summary>
    public required bool TokensAsIds { get; init; }

    /// <summary>Prefixes are shared with other requests.</summary>
    public required bool CachePrompt { get; init; }

    /// <summary>How it speculates.</summary>
    public required SpeculationOptions Speculation { get; init; }

    /// <summary>Who goes first where not all can.</summary>
    public int Priority { get; init; }

    /// <summary>Content of the model that its tokens are of; empty when it is not known.</summary>
    public string Content { get; init; } = "";

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads it, or answers with <see langword="null"/> when it is none, or of a newer version.</summary>
    public static StreamSession? Read(string json)
    {
        try
        {
            StreamSession? session = JsonSerializer.Deserialize<StreamSession>(json);
            return session is { Version: CurrentVersion, Choices: >= 1, ChoicesPerPrompt: >= 1 } && session.Choices % session.ChoicesPerPrompt == 0 ? session : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads the sampling parameters of a checkpoint, or answers with <see langword="null"/> when they are none.</summary>
    public static SamplingParameters? ReadSampling(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SamplingParameters>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The endpoints whose answers can be taken up again.</summary>
internal enum StreamKind
{
    /// <summary><c>/v1/completions</c>.</summary>
    Completion,

    /// <summary><c>/v1/chat/completions</c>.</summary>
    Chat,
}
