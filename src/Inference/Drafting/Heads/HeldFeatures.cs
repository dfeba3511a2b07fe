namespace Winnow.Inference.Drafting.Heads;

/// <summary>The target's hidden states at a sequence's last position, whose next token a head has not been told yet.</summary>
internal sealed class HeldFeatures
{
    private float[] _states = [];

    /// <summary>The position, or -1 when nothing is held.</summary>
    public int Position { get; private set; } = -1;

    /// <summary>The states.</summary>
    public ReadOnlySpan<float> States => _states;

    /// <summary>Holds a position's states.</summary>
    public void Hold(int position, ReadOnlySpan<float> states)
    {
        if (_states.Length != states.Length)
        {
            _states = new float[states.Length];
        }
        states.CopyTo(_states);
        Position = position;
    }

    /// <summary>Holds nothing.</summary>
    public void Clear() => Position = -1;
}
