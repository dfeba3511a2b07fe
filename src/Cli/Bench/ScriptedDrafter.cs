using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Bench;

/// <summary>
/// A drafter for measuring only: it was shown what the target says and repeats it, each token right with a set probability, at no cost. So it tells what
/// verification costs, and what speculation would bring with a drafter of that acceptance, on any model.
/// </summary>
/// <param name="acceptance">Probability that a draft token is right when those before it are, 0 to 1.</param>
internal sealed class ScriptedDrafter(double acceptance) : ITokenDrafter
{
    private readonly double _rightBelow = acceptance * ((double)uint.MaxValue + 1);
    private readonly Lock _gate = new();
    private readonly List<int[]> _texts = [];

    /// <inheritdoc/>
    public string Name => "scripted";

    /// <summary>Learns a text: a prompt and what the target made of it. Any thread may call it.</summary>
    public void Show(IEnumerable<int> text)
    {
        lock (_gate)
        {
            _texts.Add([.. text]);
        }
    }

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence(this);

    // The number of the text that begins so, or -1.
    private int Find(ReadOnlySpan<int> tokens)
    {
        lock (_gate)
        {
            for (int number = 0; number < _texts.Count; number++)
            {
                if (_texts[number].Length > tokens.Length && _texts[number].AsSpan().StartsWith(tokens))
                {
                    return number;
                }
            }
            return -1;
        }
    }

    private int[] TextOf(int number)
    {
        lock (_gate)
        {
            return _texts[number];
        }
    }

    private sealed class Sequence(ScriptedDrafter drafter) : ISequenceDrafter
    {
        private int _number = -1;
        private int[] _text = [];

        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            if (_number < 0 && (_number = drafter.Find(tokens)) >= 0)
            {
                _text = drafter.TextOf(_number);
            }
            for (int i = tokens.Length; i < _text.Length && !draft.IsFull; i++)
            {
                // Right or wrong by place, not by call: a place is drafted again and again until it is reached.
                bool isRight = Philox.Block((ulong)_number, (uint)i, 0, 0, 0).X0 < drafter._rightBelow;
                draft.TryAppend(isRight ? _text[i] : _text[i] == 0 ? 1 : _text[i] - 1);
            }
            return 0;
        }

        public void Close(ReadOnlySpan<int> tokens)
        {
        }
    }
}
