using System.Buffers;
using System.Globalization;
using System.Text;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// WordPiece (BERT; Devlin et al. 2019) as llama.cpp does it: text is cleaned and split at white space, punctuation and ideographs, and
/// each word is cut into the longest tokens from the left; a word that cannot be cut is the unknown token.
/// </summary>
internal sealed class WordPieceEncoder : ITextEncoder
{
    private readonly Vocabulary _vocabulary;
    private readonly bool _lowercases;
    private readonly bool _stripsAccents;
    private readonly int _longestWord;
    private readonly int _longestToken;
    private readonly int _unknown;

    /// <summary>An encoder.</summary>
    /// <param name="vocabulary">The tokens; those that begin a word are spelled with U+2581 before it.</param>
    /// <param name="lowercases">Whether letters are made small.</param>
    /// <param name="stripsAccents">Whether accents are taken off.</param>
    /// <param name="longestWord">Characters of the longest word that is not unknown.</param>
    /// <exception cref="ModelFileException">There is no unknown token.</exception>
    public WordPieceEncoder(Vocabulary vocabulary, bool lowercases, bool stripsAccents, int longestWord = int.MaxValue)
    {
        _vocabulary = vocabulary;
        _lowercases = lowercases;
        _stripsAccents = stripsAccents;
        _longestWord = longestWord;
        _longestToken = Enumerable.Range(0, vocabulary.Count).Max(id => vocabulary.Text(id).Length);
        _unknown = vocabulary.Roles.Unknown
            ?? throw new ModelFileException(vocabulary.Path, "the unknown token", "missing", "an id of the vocabulary, for words that have no tokens");
    }

    /// <summary>Every word has a mark of its beginning already; the first one's is taken away when text is decoded.</summary>
    public SpacePrefix SpacePrefix => SpacePrefix.Each;

    /// <inheritdoc/>
    public byte[][] BuildBytes() =>
        _vocabulary.BuildBytes(static type => type == TokenType.Normal, static (text, _) => Encoding.UTF8.GetBytes(text.Replace(SentencePieceEncoder.Space, ' ')));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool prefix, List<int> ids)
    {
        char[] word = ArrayPool<char>.Shared.Rent(text.Length + 1);
        word[0] = SentencePieceEncoder.Space;
        int length = 1;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out Rune rune, out int read);
            text = text[read..];
            rune = _stripsAccents ? Decompositions.First(rune) : rune;
            if (Rune.IsWhiteSpace(rune))
            {
                length = EndWord(word.AsSpan(0, length), ids);
                continue;
            }
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (IsDropped(rune, category))
            {
                continue;
            }
            rune = _lowercases ? Lower(rune) : rune;
            bool alone = IsAlone(rune, category);
            length = alone ? EndWord(word.AsSpan(0, length), ids) : length;
            length += rune.EncodeToUtf16(word.AsSpan(length));
            length = alone ? EndWord(word.AsSpan(0, length), ids) : length;
        }
        EndWord(word.AsSpan(0, length), ids);
        ArrayPool<char>.Shared.Return(word);
    }

    private bool IsDropped(Rune rune, UnicodeCategory category) =>
        rune.Value is 0 or 0xFFFD
        || category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
        || (_stripsAccents && category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark);

    // The dotted capital I has no small form of one code point in the invariant culture; llama.cpp takes the plain letter.
    private static Rune Lower(Rune rune) => rune.Value == 0x130 ? new Rune('i') : Rune.ToLowerInvariant(rune);

    private static bool IsAlone(Rune rune, UnicodeCategory category) =>
        category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation
        || (rune.Value < 0x7F && category is >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol)
        || IsIdeograph(rune.Value);

    // The ranges of BERT's own tokeniser; the end of the sixth is the Hugging Face edition's, which models are trained with.
    private static bool IsIdeograph(int value) => value
        is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    // The word has the mark of a beginning before it, and only that when it is empty; the next one begins after its mark.
    private int EndWord(ReadOnlySpan<char> word, List<int> ids)
    {
        int before = ids.Count;
        for (int at = 0; word.Length > 1 && at < word.Length;)
        {
            int length = Math.Min(_longestToken, word.Length - at);
            int id = -1;
            while (length > 0 && !_vocabulary.TryFind(word.Slice(at, length), out id))
            {
                length--;
            }
            if (length == 0 || word.Length - 1 > _longestWord)
            {
                ids.RemoveRange(before, ids.Count - before);
                ids.Add(_unknown);
                break;
            }
            ids.Add(id);
            at += length;
        }
        return 1;
    }
}
