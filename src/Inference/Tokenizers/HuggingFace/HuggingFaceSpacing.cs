using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Files.HuggingFace;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>Recognises how a tokenizer.json of the SentencePiece kind treats spaces.</summary>
internal static class HuggingFaceSpacing
{
    private static readonly string Space = SentencePieceEncoder.Space.ToString();

    /// <summary>Reads normaliser and pre-tokeniser, which together must turn spaces into U+2581 and do nothing else.</summary>
    /// <exception cref="ModelFileException">They do something else.</exception>
    public static SpacePrefix Read(HuggingFaceConfig file)
    {
        bool replaces = false;
        SpacePrefix prefix = SpacePrefix.None;
        foreach (HuggingFaceConfig step in Steps(file, "normalizer", "normalizers"))
        {
            switch (step.Text("type"))
            {
                case "Prepend" when step.Text("prepend") == Space:
                    prefix = SpacePrefix.Each;
                    break;
                case "Replace" when step.Section("pattern")?.Text("String") == " " && step.Text("content") == Space:
                    replaces = true;
                    break;
                default:
                    throw step.Wrong("type", step.Text("type") ?? "missing", $"'Prepend' of '{Space}' or 'Replace' of a space by '{Space}'");
            }
        }
        foreach (HuggingFaceConfig step in Steps(file, "pre_tokenizer", "pretokenizers"))
        {
            switch (step.Text("type"))
            {
                // Gemma's: the spaces that it would split at are gone by now.
                case "Split" when replaces && step.Section("pattern")?.Text("String") == " ":
                    break;
                case "Metaspace" when step.Bool("split") == false && (step.Text("replacement") ?? Space) == Space:
                    replaces = true;
                    prefix = Scheme(step);
                    break;
                default:
                    throw step.Wrong("type", step.Text("type") ?? "missing", "'Metaspace' without splitting, or none");
            }
        }
        return replaces ? prefix : throw file.Wrong("normalizer", "without a replacement of spaces", $"'Replace' of a space by '{Space}'");
    }

    /// <summary>The steps of a stage: several in a sequence, one, or none.</summary>
    public static IReadOnlyList<HuggingFaceConfig> Steps(HuggingFaceConfig file, string name, string listName) =>
        file.Value(name).ValueKind == JsonValueKind.Undefined ? []
        : file.Section(name) is { } stage && stage.Text("type") == "Sequence" ? stage.Sections(listName) ?? []
        : [file.Section(name)!];

    private static SpacePrefix Scheme(HuggingFaceConfig step)
    {
        string scheme = step.Text("prepend_scheme") ?? (step.Bool("add_prefix_space") == false ? "never" : "always");
        return scheme switch
        {
            "never" => SpacePrefix.None,
            "first" => SpacePrefix.FirstIfNone,
            "always" => SpacePrefix.EachIfNone,
            _ => throw step.Wrong("prepend_scheme", scheme, "'first', 'always' or 'never'"),
        };
    }
}
