using Winnow.Inference.Graph;

namespace Winnow.Inference.Execution;

/// <summary>Sequences of a step whose logits are taken together.</summary>
/// <param name="Batch">The rows as they ran.</param>
/// <param name="Steps">Their messages, in the same order.</param>
/// <param name="Slots">Their slots, in the same order.</param>
/// <param name="First">First of the group's sequences.</param>
/// <param name="End">The one after its last.</param>
/// <param name="FirstRow">Its first row among all of the step that are sampled.</param>
/// <param name="RowCount">Its rows that are sampled.</param>
/// <param name="NoiseStreamOf">See <see cref="Verifier.NoiseStreamOf"/>.</param>
internal readonly record struct LogitGroup(
    ForwardBatch Batch, IReadOnlyList<SequenceRows> Steps, List<SlotState> Slots, int First, int End, int FirstRow, int RowCount, Func<int, uint>? NoiseStreamOf);
