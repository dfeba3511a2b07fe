using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>One drafter of a coordinator: its name, how long its drafts should be, and its statistics.</summary>
/// <param name="index">Its place in <see cref="RunningSequence.DraftsOf"/>.</param>
/// <param name="name">Its name.</param>
/// <param name="fromTokens">Who guesses, at once; <see langword="null"/> for the draft model, which is asked and answers later.</param>
/// <param name="lengths">Its draft lengths and costs.</param>
/// <param name="instruments">Its metrics.</param>
internal sealed class DraftSource(int index, string name, ITokenDrafter? fromTokens, DraftLengthPolicy lengths, DrafterInstruments instruments)
{
    /// <summary>Place in <see cref="RunningSequence.DraftsOf"/>.</summary>
    public int Index => index;

    /// <summary>Name in requests, metrics and usage.</summary>
    public string Name => name;

    /// <summary>Who guesses from tokens; <see langword="null"/> for the draft model.</summary>
    public ITokenDrafter? FromTokens => fromTokens;

    /// <summary>Draft lengths.</summary>
    public DraftLengthPolicy Lengths => lengths;

    /// <summary>Metrics.</summary>
    public DrafterInstruments Instruments => instruments;

    /// <summary>What it may cost while nobody asked for it by name.</summary>
    public AskBudget Budget { get; } = new();

    /// <summary>It can be asked now.</summary>
    public bool IsThere { get; set; } = fromTokens is not (null or HeadGuesses);
}
