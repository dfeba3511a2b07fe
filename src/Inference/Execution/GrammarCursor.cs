using Winnow.Inference.Cache;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Execution;

/// <summary>
/// Where an open sequence stands in its grammar. It is never moved back: it remembers one committed place, by its hash, and goes on from there or, where the sequence is another,
/// from the start. Drafts only ever read from it.
/// </summary>
/// <param name="grammar">The grammar.</param>
/// <param name="promptTokens">The grammar begins after these.</param>
internal sealed class GrammarCursor(TokenGrammar grammar, int promptTokens)
{
    private GrammarState _state = grammar.Start;
    private int _length = -1;
    private ulong _hash;

    /// <summary>Tokens followed so far, over all calls.</summary>
    public long Followed { get; private set; }

    /// <summary>The place after the first so many tokens of a sequence.</summary>
    /// <param name="chain">Its tokens.</param>
    /// <param name="length">How many count, at least those of the prompt.</param>
    /// <exception cref="GrammarException">The tokens are none of the grammar's, or following them takes more than is allowed.</exception>
    public GrammarState At(TokenChain chain, int length)
    {
        if (_length < 0 || _length > length || chain.HashAt(_length) != _hash)
        {
            (_state, _length) = (grammar.Start, promptTokens);
        }
        ReadOnlySpan<int> tokens = chain.Tokens[_length..length];
        Followed += tokens.Length;
        _state = _state.Advance(tokens) ?? throw new GrammarException($"The sequence's own tokens, up to number '{length}', do not follow its grammar; open it with others.");
        (_length, _hash) = (length, chain.HashAt(length));
        return _state;
    }
}
