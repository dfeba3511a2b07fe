namespace Winnow.Inference.Tokenizers;

/// <summary>
/// Finds the tokens that end a generation. Files often name only one; the others are known by their spelling, as llama.cpp knows them,
/// and such tokens count as control tokens whatever type the file gives them.
/// </summary>
internal static class EndOfGeneration
{
    private const string End = "<|end|>";
    private const string EndOfText = "</s>";

    private static readonly string[] Names =
    [
        "<|eot_id|>", "<|im_end|>", End, "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", EndOfText,
        "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>",
        "<｜end▁of▁sentence｜>", "[e~[",
    ];

    // Fill-in-the-middle's padding, repository and file marks: a model that begins another file has ended its answer.
    private static readonly string[][] FileNames =
    [
        ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"],
        ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"],
        ["<|file_sep|>"],
    ];

    private static readonly string[] ControlNames =
    [
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>",
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>",
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>",
    ];

    // Text of the harmony format that a reader of the answer must see.
    private static readonly string[] VisibleNames = ["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

    /// <summary>The tokens that end a generation, ascending; <paramref name="types"/> is corrected on the way.</summary>
    /// <param name="ids">Ids by spelling.</param>
    /// <param name="types">Types of all tokens.</param>
    /// <param name="roles">What the file says.</param>
    public static IReadOnlyList<int> Find(IReadOnlyDictionary<string, int> ids, TokenType[] types, TokenRoles roles)
    {
        SortedSet<int> ends = [.. roles.MoreEnds];
        foreach (string[] names in FileNames)
        {
            if (Array.Find(names, ids.ContainsKey) is { } name)
            {
                Mark(name, TokenType.Control);
                ends.Add(ids[name]);
            }
        }
        foreach (string name in Names.Where(ids.ContainsKey))
        {
            Mark(name, TokenType.Control);
            ends.Add(ids[name]);
        }
        foreach (string name in ControlNames.Where(ids.ContainsKey))
        {
            Mark(name, TokenType.Control);
        }
        foreach (string name in VisibleNames.Where(ids.ContainsKey))
        {
            Mark(name, TokenType.UserDefined);
        }
        if (roles.End is int end)
        {
            ends.Add(end);
        }
        if ((IsEnd("<|return|>") && IsEnd("<|call|>")) || (IsEnd("<|calls|>") && IsEnd("<|flush|>")))
        {
            Remove(End, TokenType.UserDefined);
        }
        if (IsEnd("<|tool_response>"))
        {
            Remove(EndOfText, TokenType.Normal);
        }
        return [.. ends];

        bool IsEnd(string name) => ids.TryGetValue(name, out int id) && ends.Contains(id);

        void Mark(string name, TokenType type) => types[ids[name]] = type;

        void Remove(string name, TokenType type)
        {
            if (IsEnd(name))
            {
                Mark(name, type);
                ends.Remove(ids[name]);
            }
        }
    }
}
