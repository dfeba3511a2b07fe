namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// The texts of past requests in two generations, each a suffix automaton: when the younger one is full, the older one is forgotten and the younger takes its
/// place.
/// </summary>
internal sealed class SuffixHistory(int tokensPerGeneration)
{
    // Between texts; no sequence holds it.
    private const int Separator = -1;

    private Generation _young = new();
    private Generation _old = new();

    /// <summary>How often a generation was forgotten.</summary>
    public int Turns { get; private set; }

    /// <summary>The younger generation.</summary>
    public SuffixAutomaton Young => _young.Automaton;

    /// <summary>The older generation.</summary>
    public SuffixAutomaton Old => _old.Automaton;

    /// <summary>Takes in a text, or as much of its end as a quarter of a generation holds.</summary>
    public void Add(ReadOnlySpan<int> text)
    {
        text = text[Math.Max(0, text.Length - (tokensPerGeneration / 4))..];
        if (_young.Automaton.TextLength + text.Length + 1 > tokensPerGeneration)
        {
            (_young, _old) = (_old, _young);
            _young.Clear();
            Turns++;
        }
        foreach (int token in text)
        {
            _young.Append(token);
        }
        _young.Append(Separator);
    }

    /// <summary>Copies what follows a position of a generation, up to the end of its text.</summary>
    public void Copy(bool young, int position, int most, DraftTree draft)
    {
        ReadOnlySpan<int> text = (young ? _young : _old).Text;
        // The separator is no token, and is not taken.
        for (int i = position; i < Math.Min(text.Length, position + (long)most) && draft.TryAppend(text[i]); i++)
        {
        }
    }

    private sealed class Generation
    {
        private int[] _text = [];

        public SuffixAutomaton Automaton { get; } = new();

        public ReadOnlySpan<int> Text => _text.AsSpan(0, Automaton.TextLength);

        public void Append(int token)
        {
            if (Automaton.TextLength == _text.Length)
            {
                Array.Resize(ref _text, Math.Max(256, 2 * _text.Length));
            }
            _text[Automaton.TextLength] = token;
            Automaton.Append(token);
        }

        public void Clear() => Automaton.Clear();
    }
}
