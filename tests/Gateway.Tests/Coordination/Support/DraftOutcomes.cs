using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>Chains of which so many tokens are right.</summary>
internal static class DraftOutcomes
{
    private const int Wrong = 99;

    /// <summary>A chain was compared with what the target drew, and so many of its tokens were accepted.</summary>
    public static void ObserveOutcome(this DraftLengthPolicy policy, SequenceDrafts drafts, int compared, int accepted)
    {
        var chain = new DraftTree(SpeculationOptions.MaxTreeNodes);
        chain.Begin(DraftRoom.ForChain(compared, Wrong));
        chain.Take([.. Enumerable.Range(0, compared)], [], []);
        policy.ObserveOutcome(drafts, chain, [.. Enumerable.Range(0, accepted), Wrong]);
    }
}
