namespace Winnow.Inference.Acceptance;

/// <summary>
/// What theory says of one draft at one position, for a target with distribution p and a draft model with distribution q (both over all tokens, sum 1).
/// TV(p, q) = 1 - sum of min(p, q).
/// </summary>
public static class AcceptanceBounds
{
    /// <summary>The best that any rule can do, and what rejection sampling does: 1 - TV.</summary>
    public static double Optimum(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            sum += Math.Min(p[i], q[i]);
        }
        return Math.Min(1, sum);
    }

    /// <summary>The least that shared noise does (Daliri, Musco, Suresh, arXiv 2408.07978): (1 - TV) / (1 + TV).</summary>
    public static double CoupledFloor(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        double optimum = Optimum(p, q);
        return optimum / (2 - optimum);
    }

    /// <summary>What shared noise does, exactly: the sum over tokens i of 1 / sum over j of max(p_j / p_i, q_j / q_i).</summary>
    /// <remarks>In the order of q / p the first argument is the larger one up to i, the second one after it: two running sums do.</remarks>
    public static double Coupled(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        List<(double Ratio, double P, double Q)> order = [];
        double after = 0;
        double before = 0;
        for (int i = 0; i < p.Length; i++)
        {
            after += q[i];
            if (p[i] > 0)
            {
                order.Add((q[i] / p[i], p[i], q[i]));
            }
        }
        order.Sort();
        double sum = 0;
        foreach ((double _, double pi, double qi) in order)
        {
            before += pi;
            after -= qi;
            sum += qi > 0 ? 1 / ((before / pi) + (after / qi)) : 0;
        }
        return sum;
    }
}
