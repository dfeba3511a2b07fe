using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>A drafter from tokens that guesses as a test says.</summary>
internal sealed class ScriptedDrafter(string name, ScriptedDrafter.Guess guess) : ITokenDrafter, ISequenceDrafter
{
    /// <summary>Guesses.</summary>
    public delegate TokenGuess Guess(ReadOnlySpan<int> tokens, Span<int> draft);

    public string Name => name;

    public ISequenceDrafter Open() => this;

    public TokenGuess Propose(ReadOnlySpan<int> tokens, Span<int> draft) => guess(tokens, draft);

    public void Close(ReadOnlySpan<int> tokens)
    {
    }
}
