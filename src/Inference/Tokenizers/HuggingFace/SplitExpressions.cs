using System.Collections.Frozen;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>The regular expressions by which models' files name splitting rules. They are compared, never run.</summary>
internal static class SplitExpressions
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Tail = @"|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Words = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string Others = @"| ?[^\s\p{L}\p{N}]+[\r\n]*" + Tail;
    private const string OthersOrSlash = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*" + Tail;
    private const string EndsSmall = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+";
    private const string EndsCapital = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*";

    private static readonly FrozenDictionary<string, SplitRule> Rules = new Dictionary<string, SplitRule>(StringComparer.Ordinal)
    {
        [@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"] = SplitRules.Gpt2,
        [Words + @"\p{N}{1,3}" + Others] = static text => SplitRules.Llama3(text, maxDigits: 3),
        [Words + @"\p{N}" + Others] = static text => SplitRules.Llama3(text, maxDigits: 1),
        [EndsSmall + "|" + EndsCapital + @"|\p{N}" + OthersOrSlash] = static text => CasedRules.Unicode(text, maxDigits: 1, contractions: false),
        [EndsSmall + Contractions + "?|" + EndsCapital + Contractions + @"?|\p{N}{1,3}" + OthersOrSlash] =
            static text => CasedRules.Unicode(text, maxDigits: 3, contractions: true),
        [@"[\r\n]"] = DeepSeekRules.LineBreaks,
        ["[\r\n]"] = DeepSeekRules.LineBreaks,
        [DeepSeekRules.CasedWordsExpression] = DeepSeekRules.CasedWords,
        [@"\s?[!-/:-~！-／：-～‘-‟　-。]+"] = DeepSeekRules.WidePunctuation,
        [@"\s+$"] = DeepSeekRules.TrailingSpace,
        ["[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+"] = DeepSeekRules.Ideographs,
        [@"\s?\p{L}+"] = DeepSeekRules.Letters,
        [@"\s?\p{P}+"] = DeepSeekRules.Punctuation,
        [@"\p{N}"] = SplitRules.SingleNumbers,
        [@"\p{N}+"] = SplitRules.NumberRuns,
        ["[0-9][0-9][0-9]"] = SplitRules.DigitTriples,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The rule that an expression stands for; null when it is not known.</summary>
    public static SplitRule? Find(string expression) => Rules.GetValueOrDefault(expression);
}
