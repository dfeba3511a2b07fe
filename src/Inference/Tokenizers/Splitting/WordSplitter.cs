using System.Collections.Frozen;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>Splits text into the words that byte-pair encoding never merges across, as the model's training did.</summary>
/// <remarks>The names are llama.cpp's values of <c>tokenizer.ggml.pre</c>; families that split alike share one splitter.</remarks>
internal sealed class WordSplitter
{
    /// <summary>Most stages of any splitter.</summary>
    public const int MaxStages = 6;

    private const string PreKey = "tokenizer.ggml.pre";
    private const string DefaultName = "default";

    private static readonly WordSplitter Gpt2 = new(SplitRules.Gpt2);
    private static readonly WordSplitter Llama3Plain = new(static text => SplitRules.Llama3(text, maxDigits: 3));
    private static readonly WordSplitter Llama3 = new(static text => SplitRules.Llama3(text, maxDigits: 3)) { PrefersWholeWords = true, AddsBeginToken = true };
    private static readonly WordSplitter Qwen2 = new(static text => SplitRules.Llama3(text, maxDigits: 1));
    private static readonly WordSplitter Starcoder = new(SplitRules.SingleNumbers, SplitRules.Gpt2);
    private static readonly WordSplitter Falcon = new(SplitRules.FalconPunctuationRuns, SplitRules.Gpt2, SplitRules.DigitTriples);
    private static readonly WordSplitter Unnamed = new(SplitRules.PunctuationRuns, SplitRules.Gpt2, SplitRules.NumberRuns, SplitRules.DigitTriples);
    private static readonly WordSplitter Tekken =
        new(static text => CasedRules.Ascii(text, maxDigits: 1, contractions: false)) { PrefersWholeWords = true, AddsBeginToken = true };
    private static readonly WordSplitter Gpt4o = new(static text => CasedRules.Ascii(text, maxDigits: 3, contractions: true));
    private static readonly WordSplitter DeepSeekLlm = new(
        DeepSeekRules.LineBreaks, DeepSeekRules.CasedWords, DeepSeekRules.WidePunctuation,
        DeepSeekRules.TrailingSpace, DeepSeekRules.IdeographsNoSpace, SplitRules.NumberRuns);
    private static readonly WordSplitter DeepSeekCoder = new(
        DeepSeekRules.LineBreaks, DeepSeekRules.Letters, DeepSeekRules.Punctuation, DeepSeekRules.IdeographsNoSpace, SplitRules.SingleNumbers);

    private static readonly FrozenDictionary<string, WordSplitter> ByName = new (WordSplitter Splitter, string[] Names)[]
    {
        (Unnamed, [DefaultName]),
        (Gpt2,
        [
            "gpt-2", "phi-2", "mpt", "olmo", "jais", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "jina-v1-en", "jina-v2-code", "roberta-bpe",
            "gigachat", "a.x-4.0", "mellum", "modern-bert", "exaone4", "trillion", "granite-docling",
        ]),
        (Llama3, ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"]),
        (Llama3Plain, ["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"]),
        (Qwen2, ["qwen2", "deepseek-r1-qwen", "stablelm2", "kormo", "f2llmv2", "megrez", "hunyuan", "solar-open", "grok-2"]),
        (Starcoder, ["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"]),
        (Falcon, ["falcon"]),
        (Tekken, ["tekken"]),
        (Gpt4o, ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"]),
        (DeepSeekLlm, ["deepseek-llm"]),
        (DeepSeekCoder, ["deepseek-coder"]),
    }.SelectMany(family => family.Names, (family, name) => (name, family.Splitter)).ToFrozenDictionary(entry => entry.name, entry => entry.Splitter, StringComparer.Ordinal);

    private readonly SplitRule[] _rules;

    private WordSplitter(params SplitRule[] rules) => _rules = rules;

    /// <summary>A splitter of these stages, each of which splits the pieces of the one before.</summary>
    /// <param name="rules">At most <see cref="MaxStages"/> stages; none leaves the text whole.</param>
    /// <param name="prefersWholeWords">See <see cref="PrefersWholeWords"/>.</param>
    public static WordSplitter FromStages(IReadOnlyCollection<SplitRule> rules, bool prefersWholeWords) =>
        new([.. rules]) { PrefersWholeWords = prefersWholeWords };

    /// <summary>Names that are known, in order.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether a word that is a token is that token, whatever the merges say.</summary>
    public bool PrefersWholeWords { get; private init; }

    /// <summary>Whether a text begins with the begin token unless the file says otherwise.</summary>
    public bool AddsBeginToken { get; private init; }

    /// <summary>The splitter of that name.</summary>
    public static bool TryGet(string name, out WordSplitter? splitter) => ByName.TryGetValue(name, out splitter);

    /// <summary>The splitter that a model file names; the default one when it names none.</summary>
    /// <exception cref="ModelFileException">The name is not known.</exception>
    public static WordSplitter FromFile(ModelFile file)
    {
        string name = file.Metadata.TryGetString(PreKey, out string? found) ? found : DefaultName;
        return TryGet(name, out WordSplitter? splitter)
            ? splitter!
            : throw new ModelFileException(file.Path, $"metadata '{PreKey}'", name, $"one of {string.Join(", ", Names.Select(known => $"'{known}'"))}");
    }

    /// <summary>The words of a text, in order; together they are the text.</summary>
    public WordEnumerator Enumerate(ReadOnlySpan<char> text) => new(_rules, text);
}
