using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>Whether a model can draft for another, for <c>winnow inspect TARGET --with DRAFT</c>.</summary>
internal sealed record CompatibilityReport
{
    /// <summary>The draft's path.</summary>
    public required string Draft { get; init; }

    /// <summary>Whether the draft's tokens have to be translated into the target's.</summary>
    public required bool Translated { get; init; }

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
            Translated = !SpeaksAlike(vocabulary),
            TargetRows = targetRows,
            DraftRows = draftRows,
            WeightRatio = Math.Round((double)WeightBytes(draftSize) / Math.Max(1, WeightBytes(targetSize)), 4),
            DraftContextTokens = draftSize.Configuration.ContextTokens,
            Vocabulary = vocabulary,
            Verdict = VerdictOf(vocabulary),
        };
    }

    private static long WeightBytes(ModelFootprint model) => model.WeightBytes(0, model.Configuration.Layers);

    private static bool SpeaksAlike(VocabularyComparison vocabulary) =>
        vocabulary.DifferingTokens == 0 && vocabulary.TargetTokens == vocabulary.DraftTokens;

    private static string VerdictOf(VocabularyComparison vocabulary)
    {
        return SpeaksAlike(vocabulary)
            ? "Can draft: every token id means the same to both."
            : "Can draft: its drafts are translated into the target's tokens; a draft with the target's tokeniser is accepted more often.";
    }
}
