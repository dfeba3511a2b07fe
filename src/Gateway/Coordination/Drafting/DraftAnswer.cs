using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>How a call of the drafter ended.</summary>
/// <param name="Proposals">What it answered, unchecked; <see langword="null"/> when it failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record DraftAnswer(IReadOnlyList<DraftProposal>? Proposals, Exception? Error);
