using System.Buffers;
using System.Text;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers;

/// <summary>Collects merge rules by their spellings.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="include">Which tokens merging may make and use.</param>
internal sealed class MergeTableBuilder(Vocabulary vocabulary, Func<int, bool> include)
{
    // A token that is spelled longer than this is never made by merging; it bounds the work on a hostile file.
    private const int LongestSpelling = 512;

    // Gemma, with the largest vocabulary of all, has 580,604 rules; vocabularies of the SentencePiece kind have about two a token.
    private const int MaxRules = 640_000;
    private const int MaxRulesPerToken = 8;
    private const int MinRules = 1 << 16;
    private const int MaxExtra = 1 << 17;

    private readonly List<MergeRule> _rules = [];
    private readonly Dictionary<string, int> _extra = new(StringComparer.Ordinal);
    private readonly List<string> _extraSpellings = [];

    /// <summary>Adds a rule.</summary>
    /// <param name="left">Spelling on the left, not empty.</param>
    /// <param name="right">Spelling on the right, not empty.</param>
    /// <param name="rank">Lower ranks are merged first.</param>
    /// <exception cref="ModelFileException">There are more than any model has.</exception>
    public void Add(ReadOnlySpan<char> left, ReadOnlySpan<char> right, int rank) => Add(left, right, Intern(string.Concat(left, right)), rank);

    /// <summary>
    /// Adds every rule that makes a token from two parts, each a token or one character; a token of a higher score is made first
    /// (SentencePiece's BPE, Kudo and Richardson 2018).
    /// </summary>
    /// <param name="scores">Score of every token.</param>
    public void AddByScores(IReadOnlyList<float> scores)
    {
        Dictionary<float, int> ranks = scores.Distinct().OrderDescending().Select((score, rank) => (score, rank)).ToDictionary();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            string text = vocabulary.Text(id);
            if (text.Length is < 2 or > LongestSpelling || !TryFind(text, out int found) || found != id)
            {
                continue;
            }
            for (int at = 1; at < text.Length; at++)
            {
                if (!char.IsLowSurrogate(text[at]) && IsPart(text.AsSpan(0, at)) && IsPart(text.AsSpan(at)))
                {
                    Add(text.AsSpan(0, at), text.AsSpan(at), id, ranks[scores[id]]);
                }
            }
        }
    }

    /// <summary>The symbol of a spelling: its token, or a number of its own beyond the tokens.</summary>
    public int Intern(ReadOnlySpan<char> spelling)
    {
        if (TryFind(spelling, out int symbol) || _extra.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(spelling, out symbol))
        {
            return symbol;
        }
        if (_extraSpellings.Count == MaxExtra)
        {
            throw TooMany("merged spellings that are no tokens", MaxExtra);
        }
        symbol = vocabulary.Count + _extraSpellings.Count;
        string text = spelling.ToString();
        _extra.Add(text, symbol);
        _extraSpellings.Add(text);
        return symbol;
    }

    /// <summary>The rules so far.</summary>
    public MergeTable Build() => new(_rules, _extraSpellings);

    private void Add(ReadOnlySpan<char> left, ReadOnlySpan<char> right, int symbol, int rank)
    {
        long most = Math.Min(MaxRules, MinRules + ((long)vocabulary.Count * MaxRulesPerToken));
        if (_rules.Count >= most)
        {
            throw TooMany("merge rules", most);
        }
        int lastStart = left.Length - (left.Length > 1 && char.IsLowSurrogate(left[^1]) ? 2 : 1);
        int firstEnd = right.Length > 1 && char.IsHighSurrogate(right[0]) ? 2 : 1;
        _rules.Add(new MergeRule(Intern(left), Intern(right), symbol, rank, Intern(left[lastStart..]), Intern(right[..firstEnd])));
    }

    private ModelFileException TooMany(string what, long most) => new(vocabulary.Path, what, $"more than {most}", $"at most {most} for {vocabulary.Count} tokens");

    private bool IsPart(ReadOnlySpan<char> text) =>
        (Rune.DecodeFromUtf16(text, out _, out int length) == OperationStatus.Done && length == text.Length) || TryFind(text, out _);

    private bool TryFind(ReadOnlySpan<char> spelling, out int id) => vocabulary.TryFind(spelling, out id) && include(id);
}
