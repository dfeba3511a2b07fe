using System.Text.Json.Serialization.Metadata;
using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>How an endpoint words its answer, whole and in chunks.</summary>
internal interface IResponseFormat<TResponse>
{
    JsonTypeInfo<TResponse> JsonType { get; }

    /// <summary>Chunks before the first token.</summary>
    IEnumerable<TResponse> Opening();

    /// <summary>Chunks for one update.</summary>
    IEnumerable<TResponse> Chunks(ChoiceUpdate update);

    /// <summary>The last chunk, with the usage and no choice.</summary>
    TResponse UsageChunk(Usage usage);

    /// <summary>The whole answer.</summary>
    TResponse Whole(IReadOnlyList<ChoiceResult> choices, Usage usage);
}
