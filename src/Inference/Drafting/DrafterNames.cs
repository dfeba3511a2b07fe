namespace Winnow.Inference.Drafting;

/// <summary>Names of drafters in requests, options, metrics and usage (docs/speculation.md).</summary>
public static class DrafterNames
{
    /// <summary>The best of the others for each sequence and step, learned while it runs.</summary>
    public const string Auto = "auto";

    /// <summary>No drafts.</summary>
    public const string None = "none";

    /// <summary>A small model with the target's vocabulary, on a draft worker or in this process.</summary>
    public const string DraftModel = "draft_model";

    /// <summary>What followed the last few tokens earlier in the same sequence.</summary>
    public const string PromptLookup = "prompt_lookup";

    /// <summary>What followed the longest repeated suffix in this sequence or in past requests.</summary>
    public const string Suffix = "suffix";

    /// <summary>The successors that each token had last.</summary>
    public const string TokenRecycling = "token_recycling";

    /// <summary>The likeliest successors of the last two tokens, by decayed counts.</summary>
    public const string AdaptiveNgram = "adaptive_ngram";

    /// <summary>A trained head on the target's last shard, which reads the target's own hidden states.</summary>
    public const string Eagle3 = "eagle3";

    /// <summary>An early exit on the target's own first shard, whose layers it shares.</summary>
    public const string Kangaroo = "kangaroo";

    /// <summary>What the request's grammar leaves no choice about.</summary>
    public const string Forced = "forced";

    /// <summary>Every name that a request or an option may give.</summary>
    public static IReadOnlyList<string> All { get; } = [Auto, None, DraftModel, PromptLookup, Suffix, TokenRecycling, AdaptiveNgram, Eagle3, Kangaroo, Forced];

    /// <summary>The names as an error lists them: each in single quotes.</summary>
    public static string Listed { get; } = string.Join(", ", All.Select(name => $"'{name}'"));
}
