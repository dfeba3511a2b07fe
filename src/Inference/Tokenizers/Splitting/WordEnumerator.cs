namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>Walks over the words of a text; each stage's pieces are split further by the next stage.</summary>
internal ref struct WordEnumerator
{
    private readonly ReadOnlySpan<SplitRule> _rules;
    private readonly ReadOnlySpan<char> _text;
    private Ends _ends;
    private int _start;

    /// <summary>Begins before the first word.</summary>
    public WordEnumerator(ReadOnlySpan<SplitRule> rules, ReadOnlySpan<char> text)
    {
        _rules = rules;
        _text = text;
    }

    /// <summary>The word.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>Goes to the next word, if there is one.</summary>
    public bool MoveNext()
    {
        if (_start == _text.Length)
        {
            return false;
        }
        // _ends[i] is where the piece of stage i that holds _start ends; an exhausted one is found anew inside its outer piece.
        int outer = _text.Length;
        for (int stage = 0; stage < _rules.Length; stage++)
        {
            if (_ends[stage] <= _start)
            {
                _ends[stage] = _start + _rules[stage](_text[_start..outer]);
            }
            outer = _ends[stage];
        }
        Current = _text[_start..outer];
        _start = outer;
        return true;
    }

    [System.Runtime.CompilerServices.InlineArray(WordSplitter.MaxStages)]
    private struct Ends
    {
        private int _first;
    }
}
