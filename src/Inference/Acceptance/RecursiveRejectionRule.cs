namespace Winnow.Inference.Acceptance;

/// <summary>
/// Recursive rejection sampling among drafts that were drawn without replacement (RSD, arXiv 2402.14160). With one draft it is Leviathan's rejection sampling
/// (arXiv 2211.17192): the draft x is kept with probability min(1, p(x) / q(x)), otherwise the token is drawn from max(0, p - q).
/// </summary>
/// <param name="mostDrafts">Drafts of a position that are looked at.</param>
internal sealed class RecursiveRejectionRule(int mostDrafts) : IAcceptanceRule
{
    private readonly double[] _amounts = new double[DraftLaw.MostTokens];

    /// <inheritdoc/>
    public int Draw(ref DraftedNode node, IRuleLots lots)
    {
        foreach (int draft in node.Drafts[..Math.Min(mostDrafts, node.Drafts.Length)])
        {
            int place = node.PlaceOf(draft);
            double offered = node.Law[place] * node.Total;
            if (!(offered > 0))
            {
                // Drawn without replacement it cannot be one of the drafts twice.
                continue;
            }
            if (lots.Accept(node.WeightAt(place), offered))
            {
                return draft;
            }
            for (int i = 0; i < node.Law.Length; i++)
            {
                _amounts[i] = node.Law[i] * node.Total;
            }
            if (!node.TrySubtract(_amounts.AsSpan(0, node.Law.Length)) || !node.TryExclude(place))
            {
                break;
            }
        }
        return lots.Draw(node.Weights, node.Total);
    }
}
