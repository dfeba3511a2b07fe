using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>A drafter from tokens that guesses as a test says.</summary>
internal sealed class ScriptedDrafter(string name, ScriptedDrafter.Guess guess) : ITokenDrafter, ISequenceDrafter
{
    /// <summary>Guesses, and tells the grade.</summary>
    public delegate int Guess(ReadOnlySpan<int> tokens, DraftTree draft);

    public string Name => name;

    public ISequenceDrafter Open() => this;

    public int Propose(ReadOnlySpan<int> tokens, DraftTree draft) => guess(tokens, draft);

    public void Close(ReadOnlySpan<int> tokens)
    {
    }
}
