namespace Winnow.Inference.Grammar;

/// <summary>
/// Where a text stands in its grammar: an immutable value, so that a fork is a reference and a rollback is forgetting. Equal places of a grammar are the same
/// object, which remembers where each byte leads and which tokens may follow (up to the limits of <see cref="TokenGrammar"/>). Safe for concurrent use.
/// </summary>
public sealed class GrammarState
{
    private readonly TokenGrammar _grammar;
    private readonly GrammarState?[] _next;
    private readonly bool _isKept;
    private GrammarMask? _mask;

    /// <summary>A place in a grammar.</summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="readings">Every way to read the text so far that goes on or ends here.</param>
    /// <param name="canEnd">The text may end here.</param>
    /// <param name="isEnded">An end token has been read.</param>
    /// <param name="isKept">It is one of the grammar's, not only of those who use it.</param>
    internal GrammarState(TokenGrammar grammar, Reading[] readings, bool canEnd, bool isEnded = false, bool isKept = true)
    {
        _grammar = grammar;
        _next = readings.Length == 0 ? [] : new GrammarState?[grammar.Automaton.ClassCount];
        Readings = readings;
        CanEnd = canEnd;
        IsEnded = isEnded;
        _isKept = isKept;
    }

    /// <summary>The text may end here.</summary>
    public bool CanEnd { get; }

    /// <summary>Nothing but the end can follow: the text is complete.</summary>
    public bool IsFinished => Readings.Length == 0;

    /// <summary>An end token has been read.</summary>
    public bool IsEnded { get; }

    /// <summary>A token to stand behind a text that is finished, where one has to be named: an end token where the vocabulary has one.</summary>
    public int EndToken => _grammar.Vocabulary.EndTokens.Count > 0 ? _grammar.Vocabulary.EndTokens[0] : 0;

    /// <summary>The tokens that may follow.</summary>
    /// <exception cref="GrammarException">Finding them takes more than is allowed.</exception>
    public GrammarMask Mask => Volatile.Read(ref _mask) ?? MakeMask();

    /// <summary>Ways to read the text so far that go on.</summary>
    internal Reading[] Readings { get; }

    /// <summary>The place after one more token.</summary>
    /// <param name="token">Any number.</param>
    /// <returns>The place, or <see langword="null"/> where the grammar refuses the token.</returns>
    /// <exception cref="GrammarException">Following it takes more than is allowed.</exception>
    public GrammarState? Advance(int token)
    {
        if (_grammar.Vocabulary.IsEnd(token))
        {
            return CanEnd ? _grammar.Ended : null;
        }
        ReadOnlySpan<byte> bytes = _grammar.Vocabulary.BytesOf(token);
        if (bytes.IsEmpty)
        {
            return null;
        }
        GrammarState? state = this;
        int budget = TokenGrammar.MostWork;
        for (int i = 0; i < bytes.Length && state is not null; i++)
        {
            state = state.Next(bytes[i], ref budget);
        }
        return state;
    }

    /// <summary>The place after several tokens.</summary>
    /// <inheritdoc cref="Advance(int)"/>
    /// <param name="tokens">Any numbers.</param>
    public GrammarState? Advance(ReadOnlySpan<int> tokens)
    {
        GrammarState? state = this;
        for (int i = 0; i < tokens.Length && state is not null; i++)
        {
            state = state.Advance(tokens[i]);
        }
        return state;
    }

    /// <summary>
    /// Tokens of the text that must follow, because the grammar leaves no choice of bytes: where it leaves no choice of tokens either these are they, and otherwise the longest
    /// tokens that spell it, which is a good guess.
    /// </summary>
    /// <param name="tokens">Gets the tokens.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="GrammarException">Finding them takes more than is allowed.</exception>
    public int Forced(Span<int> tokens)
    {
        Span<byte> text = stackalloc byte[Math.Min(256, 16 * tokens.Length)];
        int length = 0;
        int budget = TokenGrammar.MostWork;
        for (GrammarState state = this; length < text.Length && state.OnlyByte(ref budget) is int only and >= 0; length++)
        {
            text[length] = (byte)only;
            state = state.Next((byte)only, ref budget)!;
        }
        ReadOnlySpan<byte> left = text[..length];
        int count = 0;
        while (count < tokens.Length && _grammar.Vocabulary.Trie.LongestPrefix(left, out int used) is int token and >= 0)
        {
            tokens[count++] = token;
            left = left[used..];
        }
        return count;
    }

    /// <summary>The place after one more byte, or <see langword="null"/> where the grammar refuses it.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="budget">Work that may still be done; counted down.</param>
    internal GrammarState? Next(byte value, ref int budget)
    {
        if (_next.Length == 0)
        {
            return null;
        }
        int kind = _grammar.Automaton.ClassOf[value];
        GrammarState next = Volatile.Read(ref _next[kind]) ?? MakeNext(kind, value, ref budget);
        return ReferenceEquals(next, _grammar.Refused) ? null : next;
    }

    private GrammarState MakeNext(int kind, byte value, ref int budget)
    {
        GrammarState next = _grammar.Step(this, value, ref budget);
        if (next._isKept)
        {
            Volatile.Write(ref _next[kind], next);
        }
        return next;
    }

    // The byte that must follow, or -1.
    private int OnlyByte(ref int budget)
    {
        int only = -1;
        if (CanEnd || IsFinished)
        {
            return only;
        }
        foreach (Reading reading in Readings)
        {
            foreach (ByteEdge edge in _grammar.Automaton[reading.State].Bytes)
            {
                if (edge.First != edge.Last || (only >= 0 && only != edge.First))
                {
                    return -1;
                }
                only = edge.First;
            }
        }
        return only >= 0 && Next((byte)only, ref budget) is not null ? only : -1;
    }

    private GrammarMask MakeMask()
    {
        ulong[] bits = new ulong[GrammarMask.WordsFor(_grammar.Vocabulary.Size)];
        _grammar.Vocabulary.Trie.Walk(this, bits);
        if (CanEnd)
        {
            foreach (int token in _grammar.Vocabulary.EndTokens)
            {
                GrammarMask.Allow(bits, token);
            }
        }
        GrammarMask mask = new(bits);
        if (!_isKept || _grammar.MayKeepMask(bits.Length))
        {
            Volatile.Write(ref _mask, mask);
        }
        return mask;
    }
}
