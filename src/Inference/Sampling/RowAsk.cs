using System.Runtime.InteropServices;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Sampling;

/// <summary>What is asked of one row of logits where they were computed (<see cref="LogitDraws"/>). The default asks for nothing.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct RowAsk
{
    /// <summary>A token is to be drawn; otherwise only the row's logits are known to be usable or not.</summary>
    public bool Draws { get; init; }

    /// <summary>How it is drawn.</summary>
    public DrawParameters Parameters { get; init; }

    /// <summary>Penalties of the row's edits.</summary>
    public LogitPenalties Penalties { get; init; }

    /// <summary>The only tokens that may be drawn; <see langword="null"/> for all.</summary>
    public GrammarMask? Mask { get; init; }

    /// <summary>Edits of the row, before the mask and the draw; those of all rows lie one after another in <see cref="LogitDraws.Edits"/>.</summary>
    public int EditCount { get; set; }

    /// <summary>Candidates wanted of the row's own logits, 0 to <see cref="LogitDraws.MostCandidates"/>.</summary>
    public int Likeliest { get; init; }

    /// <summary>Candidates wanted after edits and mask, 0 to <see cref="LogitDraws.MostCandidates"/>.</summary>
    public int Best { get; init; }

    /// <summary>The sum of the weights exp((logit - largest) / temperature) of all tokens is wanted, after edits and mask.</summary>
    public bool Weighs { get; init; }

    /// <summary>Whether the draw sees other logits than the model's own.</summary>
    public readonly bool Edits => EditCount > 0 || Mask is not null;
}
