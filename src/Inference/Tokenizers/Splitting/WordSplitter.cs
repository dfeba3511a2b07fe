using System.Collections.Frozen;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>Splits text into the words that byte-pair encoding never merges across, as the model's training did.</summary>
/// <remarks>The names are llama.cpp's values of <c>tokenizer.ggml.pre</c>; families that split alike share one splitter.</remarks>
internal sealed class WordSplitter
{
    /// <summary>Most stages of any splitter.</summary>
    public const int MaxStages = 4;

    private const string PreKey = "tokenizer.ggml.pre";
    private const string DefaultName = "default";

    private static readonly WordSplitter Gpt2 = new(false, SplitRules.Gpt2);
    private static readonly WordSplitter Llama3 = new(true, static text => SplitRules.Llama3(text, maxDigits: 3));
    private static readonly WordSplitter Qwen2 = new(false, static text => SplitRules.Llama3(text, maxDigits: 1));
    private static readonly WordSplitter Starcoder = new(false, SplitRules.SingleNumbers, SplitRules.Gpt2);
    private static readonly WordSplitter Unnamed =
        new(false, SplitRules.PunctuationRuns, SplitRules.Gpt2, SplitRules.NumberRuns, SplitRules.DigitTriples);

    private static readonly FrozenDictionary<string, WordSplitter> ByName = new Dictionary<string, WordSplitter>(StringComparer.Ordinal)
    {
        [DefaultName] = Unnamed,
        ["gpt-2"] = Gpt2,
        ["phi-2"] = Gpt2,
        ["mpt"] = Gpt2,
        ["olmo"] = Gpt2,
        ["jais"] = Gpt2,
        ["llama-bpe"] = Llama3,
        ["llama3"] = Llama3,
        ["llama-v3"] = Llama3,
        ["falcon3"] = Llama3,
        ["qwen2"] = Qwen2,
        ["deepseek-r1-qwen"] = Qwen2,
        ["stablelm2"] = Qwen2,
        ["starcoder"] = Starcoder,
        ["refact"] = Starcoder,
        ["command-r"] = Starcoder,
        ["smollm"] = Starcoder,
        ["codeshell"] = Starcoder,
        ["exaone"] = Starcoder,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly SplitRule[] _rules;

    private WordSplitter(bool prefersWholeWords, params SplitRule[] rules)
    {
        PrefersWholeWords = prefersWholeWords;
        _rules = rules;
    }

    /// <summary>Names that are known, in order.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// Whether a word that is a token is that token, whatever the merges say, and a text begins with the begin token unless the file
    /// says otherwise: so with Llama 3.
    /// </summary>
    public bool PrefersWholeWords { get; }

    /// <summary>The splitter of that name.</summary>
    public static bool TryGet(string name, out WordSplitter? splitter) => ByName.TryGetValue(name, out splitter);

    /// <summary>The splitter that a model file names; the default one when it names none.</summary>
    /// <exception cref="ModelFileException">The name is not known.</exception>
    public static WordSplitter FromGguf(ModelFile file)
    {
        string name = file.Metadata.TryGetString(PreKey, out string? found) ? found : DefaultName;
        return TryGet(name, out WordSplitter? splitter)
            ? splitter!
            : throw new ModelFileException(file.Path, $"metadata '{PreKey}'", name, $"one of {string.Join(", ", Names.Select(known => $"'{known}'"))}");
    }

    /// <summary>The words of a text, in order; together they are the text.</summary>
    public WordEnumerator Enumerate(ReadOnlySpan<char> text) => new(_rules, text);
}
