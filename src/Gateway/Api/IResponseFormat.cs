using System.Text.Json.Serialization.Metadata;
using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>How an endpoint words its answer, whole and in chunks.</summary>
internal interface IResponseFormat<TResponse>
{
    JsonTypeInfo<TResponse> JsonType { get; }

    /// <summary>Whether every choice has a chunk before its first token.</summary>
    bool HasOpenings { get; }

    /// <summary>A choice's chunk before its first token.</summary>
    TResponse Opening(int choice);

    /// <summary>Chunks for one update.</summary>
    IEnumerable<ResponseChunk<TResponse>> Chunks(ChoiceUpdate update);

    /// <summary>Takes note of an update that the client has had before.</summary>
    void Pass(ChoiceUpdate update);

    /// <summary>The last chunk, with the usage and no choice.</summary>
    TResponse UsageChunk(Usage usage);

    /// <summary>The whole answer.</summary>
    TResponse Whole(IReadOnlyList<ChoiceResult> choices, Usage usage);
}

/// <summary>One event of a streamed answer.</summary>
/// <param name="Value">Its data.</param>
/// <param name="EndsChoice">It tells the end of its choice.</param>
internal readonly record struct ResponseChunk<TResponse>(TResponse Value, bool EndsChoice);
