using Winnow.Inference.Files;
using Winnow.Inference.Files.HuggingFace;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>Recognises how a byte-level tokenizer.json splits text into words.</summary>
internal static class HuggingFaceSplitting
{
    /// <summary>Reads normaliser and pre-tokeniser. A normalisation to NFC is left out, as llama.cpp leaves it out.</summary>
    /// <exception cref="ModelFileException">One of their steps is not known.</exception>
    public static WordSplitter Read(HuggingFaceConfig file, bool prefersWholeWords)
    {
        foreach (HuggingFaceConfig step in HuggingFaceSpacing.Steps(file, "normalizer", "normalizers"))
        {
            step.Require("type", "NFC");
        }
        List<SplitRule> rules = [];
        bool bytes = false;
        foreach (HuggingFaceConfig step in HuggingFaceSpacing.Steps(file, "pre_tokenizer", "pretokenizers"))
        {
            string type = step.Text("type") ?? throw step.Wrong("type", "missing", "a text");
            bytes |= type == "ByteLevel";
            if (Rule(step, type) is { } rule)
            {
                rules.Add(rule);
            }
        }
        if (!bytes)
        {
            throw file.Wrong("pre_tokenizer", "without a step over bytes", "one with 'ByteLevel', or a model with 'byte_fallback'");
        }
        return rules.Count <= WordSplitter.MaxStages
            ? WordSplitter.FromStages(rules, prefersWholeWords)
            : throw file.Wrong("pre_tokenizer", $"{rules.Count} steps", $"at most {WordSplitter.MaxStages}");
    }

    private static SplitRule? Rule(HuggingFaceConfig step, string type)
    {
        switch (type)
        {
            case "ByteLevel":
                return step.Bool("add_prefix_space") == true ? throw step.Wrong("add_prefix_space", "true", "false")
                    : step.Bool("use_regex") == false ? null : SplitRules.Gpt2;
            case "Digits":
                return step.Bool("individual_digits") == true ? SplitRules.SingleNumbers : SplitRules.NumberRuns;
            case "Punctuation":
                step.Require("behavior", "Contiguous");
                return SplitRules.FalconPunctuationRuns;
            case "Split":
                return Split(step);
            default:
                throw step.Wrong("type", type, "'Split', 'Digits', 'Punctuation' or 'ByteLevel'");
        }
    }

    private static SplitRule Split(HuggingFaceConfig step)
    {
        // The expressions that are known match all of a text, or leave gaps that are words too.
        string behavior = step.Text("behavior") ?? "Isolated";
        bool inverted = step.Bool("invert") ?? false;
        if ((behavior, inverted) is not (("Isolated", false) or ("Removed", true)))
        {
            throw step.Wrong("behavior", inverted ? $"{behavior}, inverted" : behavior, "'Isolated', or 'Removed' with 'invert'");
        }
        string expression = step.Section("pattern")?.Text("Regex") ?? throw step.Wrong("pattern.Regex", "missing", "a regular expression");
        return SplitExpressions.Find(expression)
            ?? throw step.Wrong("pattern.Regex", expression, "a splitting expression of a known model family");
    }
}
