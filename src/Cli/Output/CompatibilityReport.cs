using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>Whether a model can draft for another, for <c>winnow inspect TARGET --with DRAFT</c>.</summary>
internal sealed record CompatibilityReport
{
    /// <summary>The draft's path.</summary>
    public required string Draft { get; init; }

    /// <summary>Whether <c>run</c> and <c>up</c> accept the pair.</summary>
    public required bool Usable { get; init; }

    /// <summary>Rows of the target's embedding matrix.</summary>
    public required int TargetRows { get; init; }

    /// <summary>Rows of the draft's embedding matrix.</summary>
    public required int DraftRows { get; init; }

    /// <summary>The draft's weights over the target's, in bytes.</summary>
    public required double WeightRatio { get; init; }

    /// <summary>The draft's longest sequence; beyond it, it does not draft.</summary>
    public required int DraftContextTokens { get; init; }

    /// <summary>How the vocabularies differ.</summary>
    public required VocabularyComparison Vocabulary { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Verdict { get; init; }

    /// <summary>Compares two models.</summary>
    /// <exception cref="ModelFileException">One of them is not a model that Winnow knows, or has no tokeniser.</exception>
    public static CompatibilityReport From(ModelFile target, ModelFile draft)
    {
        ModelFootprint targetSize = ModelFootprint.Read(target);
        ModelFootprint draftSize = ModelFootprint.Read(draft);
        VocabularyComparison vocabulary = VocabularyComparison.Of(TokenizerFactory.FromFile(target), TokenizerFactory.FromFile(draft));
        (int targetRows, int draftRows) = (targetSize.Configuration.VocabularySize, draftSize.Configuration.VocabularySize);
        return new CompatibilityReport
        {
            Draft = draft.Path,
            Usable = targetRows == draftRows,
            TargetRows = targetRows,
            DraftRows = draftRows,
            WeightRatio = Math.Round((double)WeightBytes(draftSize) / Math.Max(1, WeightBytes(targetSize)), 4),
            DraftContextTokens = draftSize.Configuration.ContextTokens,
            Vocabulary = vocabulary,
            Verdict = VerdictOf(targetRows, draftRows, vocabulary),
        };
    }

    private static long WeightBytes(ModelFootprint model) => model.WeightBytes(0, model.Configuration.Layers);

    private static string VerdictOf(int targetRows, int draftRows, VocabularyComparison vocabulary)
    {
        if (targetRows != draftRows)
        {
            return $"Cannot draft: the target has embeddings of {targetRows} tokens and the draft of {draftRows}; use a draft with the target's tokeniser.";
        }
        return vocabulary.DifferingTokens == 0 && vocabulary.TargetTokens == vocabulary.DraftTokens
            ? "Can draft: every token id means the same to both."
            : "Can draft, but a proposal in which an id means something else is a wasted guess; use a draft with the target's tokeniser where there is one.";
    }
}
