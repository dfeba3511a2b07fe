using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// What trees of one drafter bring: accepted tokens of a step for every size of tree, and the chance of a node by what the drafter said of it. A drafter's nodes come in
/// the order of their worth, so that every tree shows what each smaller one would have brought.
/// </summary>
/// <param name="plans">What there is to choose from.</param>
internal sealed class TreeGains(DraftPlan[] plans)
{
    private const double Weight = 0.05;

    // Of the tokens that the first child misses, the part that other nodes of a tree catch, before anything is known: by half the logarithm of its size.
    private const double CaughtPerDoubling = 0.08;

    private readonly double[] _accepted = new double[plans.Length];
    private readonly ConfidenceTable _first = new();
    private readonly ConfidenceTable _others = new();
    private double _acceptance = double.NaN;

    /// <summary>A tree was compared with what the target drew.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="drawn">Tokens that followed its root.</param>
    /// <param name="acceptance">Acceptance of first children of the sequence.</param>
    public void Observe(DraftTree tree, ReadOnlySpan<int> drawn, double acceptance)
    {
        _acceptance = double.IsNaN(_acceptance) ? acceptance : _acceptance + (Weight * (acceptance - _acceptance));
        int node = DraftTree.Root;
        Span<int> path = stackalloc int[SpeculationOptions.MaxDraftTokens];
        int length = 0;
        while (length < Math.Min(drawn.Length, path.Length))
        {
            int child = tree.ChildOf(node, drawn[length]);
            Calibrate(tree, node, child);
            if (child < 0)
            {
                break;
            }
            path[length++] = node = child;
        }
        for (int i = 0; i < plans.Length; i++)
        {
            if (plans[i].IsTree && plans[i].Nodes <= tree.Room.Nodes)
            {
                int accepted = 0;
                while (accepted < length && path[accepted] < plans[i].Nodes)
                {
                    accepted++;
                }
                double before = _accepted[i] > 0 ? _accepted[i] : Prior(plans[i], acceptance);
                _accepted[i] = before + (Weight * (accepted - before));
            }
        }
    }

    /// <summary>Tokens that a tree is expected to bring besides the target's own.</summary>
    /// <param name="plan">Index of its plan.</param>
    /// <param name="acceptance">Acceptance of first children of the sequence.</param>
    public double Expected(int plan, double acceptance)
    {
        if (_accepted[plan] == 0)
        {
            return Prior(plans[plan], acceptance);
        }
        double most = plans[plan].Length;
        return Math.Min(most, _accepted[plan] * Prior(plans[plan], acceptance) / Math.Max(1e-3, Prior(plans[plan], _acceptance)));
    }

    /// <summary>Nodes of a tree, from the first on, whose chance to be accepted is at least so much.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="worth">What a node must be worth.</param>
    /// <param name="acceptance">Acceptance of first children of the sequence, for nodes of which the drafter says nothing.</param>
    /// <param name="expected">Expected accepted tokens of these nodes.</param>
    public int Worthwhile(DraftTree tree, double worth, double acceptance, out double expected)
    {
        Span<double> chances = stackalloc double[tree.Count];
        expected = 0;
        for (int i = 0; i < tree.Count; i++)
        {
            int parent = tree.Parents[i];
            chances[i] = (parent < 0 ? 1 : chances[parent]) * ChanceOf(tree, i, acceptance);
            if (chances[i] < worth)
            {
                return i;
            }
            expected += chances[i];
        }
        return tree.Count;
    }

    private double ChanceOf(DraftTree tree, int node, double acceptance)
    {
        bool isFirst = tree.IsFirstChild(node);
        float chance = tree.Chances[node];
        if (float.IsNaN(chance))
        {
            return isFirst ? acceptance : (1 - acceptance) * CaughtPerDoubling;
        }
        return (isFirst ? _first : _others).ChanceOf(chance);
    }

    private void Calibrate(DraftTree tree, int parent, int right)
    {
        for (int child = parent + 1; child < tree.Count; child++)
        {
            if (tree.Parents[child] == parent && !float.IsNaN(tree.Chances[child]))
            {
                (tree.IsFirstChild(child) ? _first : _others).Observe(tree.Chances[child], child == right);
            }
        }
    }

    // A chain whose tokens are as often right as a node's children together.
    private static double Prior(DraftPlan plan, double acceptance)
    {
        double caught = acceptance + ((1 - acceptance) * CaughtPerDoubling * Math.Log2(plan.Nodes));
        double gain = 1;
        double tokens = 0;
        for (int i = 0; i < plan.Length; i++)
        {
            gain *= caught;
            tokens += gain;
        }
        return tokens;
    }
}
