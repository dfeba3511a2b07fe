namespace Winnow.Inference.Acceptance;

/// <summary>
/// K-sequential selection among k independent drafts (SpecTr, arXiv 2310.15141): each in turn is kept with probability min(1, p(x) / (rho q(x))).
/// </summary>
/// <remarks>
/// With beta = sum of min(q, p / rho) a draft is kept with probability accepted = 1 - (1 - beta)^k; then the token drawn from
/// p - min(q, p / rho) accepted / beta makes up the target's distribution, provided that rho beta is at least accepted. The best rho is where they are equal.
/// </remarks>
internal sealed class SequentialSelectionRule : IAcceptanceRule
{
    // Any rho that suffices gives the law exactly; the best one to a millionth is good enough.
    private const int Halvings = 24;
    private readonly double[] _amounts = new double[DraftLaw.MostTokens];

    /// <inheritdoc/>
    public int Draw(ref DraftedNode node, IRuleLots lots)
    {
        int count = node.Drafts.Length;
        double rho = Solve(in node, count);
        foreach (int draft in node.Drafts)
        {
            int place = node.PlaceOf(draft);
            if (lots.Accept(node.WeightAt(place), rho * node.Law[place] * node.Total))
            {
                return draft;
            }
        }
        double beta = Beta(in node, rho);
        double scale = beta > 0 ? Accepted(beta, count) / beta : 0;
        for (int i = 0; i < node.Law.Length; i++)
        {
            _amounts[i] = Math.Min(node.Law[i] * node.Total, node.WeightAt(i) / rho) * scale;
        }
        node.TrySubtract(_amounts.AsSpan(0, node.Law.Length));
        return lots.Draw(node.Weights, node.Total);
    }

    /// <summary>The smallest rho from 1 to k for which rho beta reaches the probability of keeping a draft.</summary>
    private static double Solve(in DraftedNode node, int count)
    {
        double low = 1;
        double high = count;
        if (Suffices(in node, low, count))
        {
            return low;
        }
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Suffices(in node, middle, count) ? (low, middle) : (middle, high);
        }
        return high;
    }

    private static bool Suffices(in DraftedNode node, double rho, int count)
    {
        double beta = Beta(in node, rho);
        return rho * beta >= Accepted(beta, count);
    }

    private static double Beta(in DraftedNode node, double rho)
    {
        double beta = 0;
        for (int i = 0; i < node.Law.Length; i++)
        {
            beta += Math.Min(node.Law[i], node.WeightAt(i) / (rho * node.Total));
        }
        return Math.Min(1, beta);
    }

    /// <summary>1 - (1 - beta)^k.</summary>
    private static double Accepted(double beta, int count)
    {
        double refused = 1;
        for (int i = 0; i < count; i++)
        {
            refused *= 1 - beta;
        }
        return 1 - refused;
    }
}
