namespace Winnow.Inference.Acceptance;

/// <summary>
/// A lossless way to use drafts whose distribution is known: the token that it draws is distributed as the target's, whatever the drafts' distribution, but
/// equals one of the drafts as often as the rule achieves.
/// </summary>
internal interface IAcceptanceRule
{
    /// <summary>Draws the token of a node.</summary>
    /// <param name="node">The target's distribution, the drafts and theirs; changed.</param>
    /// <param name="lots">Random decisions.</param>
    int Draw(ref DraftedNode node, IRuleLots lots);
}
