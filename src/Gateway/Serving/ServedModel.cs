using System.Text.Json.Nodes;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Grammar;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Serving;

/// <summary>A model that is ready to answer: its tokeniser, its template and its generator.</summary>
public sealed class ServedModel
{
    private GrammarVocabulary? _grammars;

    /// <summary>Name in the <c>model</c> field.</summary>
    public required string Name { get; init; }

    /// <summary>Tokeniser of the model file.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>The tokeniser's tokens as grammars see them, made with the first grammar.</summary>
    public GrammarVocabulary Grammars => LazyInitializer.EnsureInitialized(ref _grammars, () => GrammarVocabulary.Of(Tokenizer));

    /// <summary>Chat template of the model file, or <see langword="null"/> when it has none.</summary>
    public required ChatTemplate? Template { get; init; }

    /// <summary>Names the content of the model file, as <see cref="PipelineShape.Content"/> does; empty when it is not known. Default empty.</summary>
    public string Content { get; init; } = "";

    /// <summary>Longest sequence in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Generates tokens.</summary>
    public required IGenerator Generator { get; init; }

    /// <summary>Numerics of the shards that serve it, for <c>system_fingerprint</c>.</summary>
    public required Func<string> Fingerprint { get; init; }

    /// <summary>When it became ready.</summary>
    public required DateTimeOffset Created { get; init; }
}

/// <summary>The models this gateway serves now.</summary>
public interface IModelRegistry
{
    /// <summary>Models that are ready, by name.</summary>
    IReadOnlyList<ServedModel> Ready { get; }

    /// <summary>Why nobody knows yet which models there are, in one line; <see langword="null"/> once the catalogue has been read.</summary>
    string? Unread => null;

    /// <summary>Gives the leases of this gateway to others that wait for them; running requests go on there.</summary>
    /// <returns>Whether others have all of them now.</returns>
    Task<bool> HandOverAsync(CancellationToken cancellation) => Task.FromResult(false);

    /// <summary>When a model that is not ready is expected to be.</summary>
    /// <param name="name">Its name.</param>
    TimeSpan WaitFor(string name) => TimeSpan.FromSeconds(1);

    /// <summary>Models that are defined but not ready, with a line that says why.</summary>
    IReadOnlyDictionary<string, string> Pending { get; }
}
