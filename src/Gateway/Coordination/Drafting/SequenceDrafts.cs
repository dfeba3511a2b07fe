using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>What one drafter has to do with one sequence: its guess for the next step, and what came of those before.</summary>
internal sealed class SequenceDrafts
{
    /// <summary>The sequence as a drafter from tokens keeps it; <see langword="null"/> before it is first asked.</summary>
    public ISequenceDrafter? Memory { get; set; }

    /// <summary>The drafter failed on this sequence and is not asked again.</summary>
    public bool IsBarred { get; set; }

    /// <summary>The guess for the next step; always empty for the draft model, whose answer goes straight to the sequence.</summary>
    public DraftTree Guess { get; } = new(SpeculationOptions.MaxTreeNodes);

    /// <summary>Steps since the drafter was last taught by the target's candidates; many before the first.</summary>
    public int StepsUntaught { get; set; } = int.MaxValue / 2;

    /// <summary>Grade of the guess.</summary>
    public int Grade { get; set; }

    /// <summary>Acceptance per draft token so far by grade, exponentially weighted; NaN before the first.</summary>
    public double[] Acceptance { get; } = [double.NaN, double.NaN, double.NaN, double.NaN];
}
