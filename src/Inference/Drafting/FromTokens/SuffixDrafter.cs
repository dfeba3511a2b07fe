namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Finds the longest suffix of the sequence that stood before, in the sequence itself or in past requests of the model, and guesses what followed there
/// (suffix decoding, by suffix automata as in SAM decoding, arXiv 2411.10666). Best for repetitive work: agents, code, forms.
/// </summary>
/// <remarks>
/// A chain is at most twice as long as its match; a tree is grown by how often each token followed. A sequence costs at most 220 bytes a token over its last 2048 to 8192
/// tokens (1.8 MiB); past requests cost at most 2 x 65536 x 220 bytes (28 MiB) a model, the older half being forgotten when the younger is full.
/// </remarks>
public sealed class SuffixDrafter : ITokenDrafter
{
    private const int DefaultGeneration = 1 << 16;
    private const int SparesKept = 32;
    private const int MostBranches = 16;
    private const int MostShorter = 3;
    private const float LeastChance = 0.02f;
    private readonly BestFirstGrowth _growth = new();
    private readonly SuffixHistory _history;
    private readonly Stack<SuffixAutomaton> _spares = [];

    /// <summary>Starts with no past requests.</summary>
    public SuffixDrafter()
        : this(DefaultGeneration)
    {
    }

    /// <summary>As the other, with so many tokens in each of the two generations of past requests.</summary>
    internal SuffixDrafter(int tokensPerGeneration) => _history = new SuffixHistory(tokensPerGeneration);

    /// <inheritdoc/>
    public string Name => DrafterNames.Suffix;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence(this);

    /// <summary>
    /// Grows a tree from a match, best first by how often each token followed; what followed shorter matches comes in with the chance that none of these does, one part
    /// in their number and one (as in PPM-C, Moffat 1990).
    /// </summary>
    private void Grow(SuffixAutomaton text, int state, DraftTree draft)
    {
        _growth.Begin();
        Offer(text, state, DraftTree.Root, 1);
        while (_growth.TryAdd(draft, out GrowthCandidate added))
        {
            Offer(text, added.State, draft.Count - 1, added.PathChance);
        }
    }

    private void Offer(SuffixAutomaton text, int state, int parent, float pathChance)
    {
        Span<SuffixBranch> branches = stackalloc SuffixBranch[MostBranches];
        float left = 1;
        for (int shorter = 0; shorter <= MostShorter && state != SuffixAutomaton.Root; shorter++)
        {
            int count = text.Branches(state, branches);
            int total = 1;
            foreach (SuffixBranch branch in branches[..count])
            {
                total += branch.Count;
            }
            foreach (SuffixBranch branch in branches[..count])
            {
                float chance = left * branch.Count / total;
                _growth.Offer(new GrowthCandidate(branch.Token, parent, chance, pathChance * chance, branch.State), LeastChance);
            }
            left /= total;
            state = text.ShorterOf(state);
        }
    }

    private sealed class Sequence(SuffixDrafter owner) : ISequenceDrafter
    {
        private const int Window = 8192;
        private const int KeptOfWindow = Window / 4;
        private const int LongestFactor = 2;
        private readonly SuffixAutomaton _own = owner._spares.TryPop(out SuffixAutomaton? spare) ? spare : new SuffixAutomaton();
        private Cursor _young;
        private Cursor _old;
        private int _turns = owner._history.Turns;
        private int _first;
        private int _seen;

        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            CatchUp(tokens);
            SuffixHistory history = owner._history;
            int length = Math.Max(_own.RepeatLength, Math.Max(_young.Length, _old.Length));
            if (length == 0)
            {
                return 0;
            }
            if (draft.Room.Width > 1)
            {
                SuffixAutomaton source = length == _own.RepeatLength ? _own : length == _young.Length ? history.Young : history.Old;
                owner.Grow(source, length == _own.RepeatLength ? _own.RepeatState : length == _young.Length ? _young.State : _old.State, draft);
                return GuessGrades.OfMatch(length);
            }
            int most = LongestFactor * length;
            if (length == _own.RepeatLength)
            {
                GuessedText.GoOn(tokens, _first + _own.RepeatEnd, most, draft);
                return GuessGrades.OfMatch(length);
            }
            bool young = length == _young.Length;
            int position = young ? history.Young.EndOf(_young.State, length) : history.Old.EndOf(_old.State, length);
            history.Copy(young, position, most, draft);
            return GuessGrades.OfMatch(length);
        }

        public void Close(ReadOnlySpan<int> tokens)
        {
            owner._history.Add(tokens);
            if (owner._spares.Count < SparesKept)
            {
                _own.Clear();
                owner._spares.Push(_own);
            }
        }

        private void CatchUp(ReadOnlySpan<int> tokens)
        {
            if (tokens.Length - _first > Window)
            {
                _own.Clear();
                _first = _seen = tokens.Length - KeptOfWindow;
                (_young, _old) = (default, default);
            }
            TurnCursors();
            for (; _seen < tokens.Length; _seen++)
            {
                _own.Append(tokens[_seen]);
                _young.Follow(owner._history.Young, tokens[_seen]);
                _old.Follow(owner._history.Old, tokens[_seen]);
            }
        }

        private void TurnCursors()
        {
            if (_turns == owner._history.Turns)
            {
                return;
            }
            // What was the younger generation is now the older one, if it is still there; a match begins again in the new one.
            _old = owner._history.Turns == _turns + 1 ? _young : default;
            _young = default;
            _turns = owner._history.Turns;
        }
    }

    /// <summary>How far a sequence's end stands in a generation of past requests.</summary>
    private struct Cursor
    {
        public int State;
        public int Length;

        public void Follow(SuffixAutomaton automaton, int token) => automaton.Follow(ref State, ref Length, token);
    }
}
