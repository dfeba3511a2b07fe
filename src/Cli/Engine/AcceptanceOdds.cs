using Winnow.Inference.Acceptance;

namespace Winnow.Cli.Engine;

/// <summary>What theory says of a draft model at the places where drafts began, on average.</summary>
internal sealed class AcceptanceOdds(TeacherForcing target, TeacherForcing draft, double temperature)
{
    private double _optimum;
    private double _floor;
    private double _coupled;
    private int _places;

    /// <summary>1 - TV: what rejection sampling keeps of single drafts, and no rule exceeds.</summary>
    public double Optimum => _optimum / _places;

    /// <summary>(1 - TV) / (1 + TV): what shared noise keeps at least.</summary>
    public double CoupledFloor => _floor / _places;

    /// <summary>What shared noise keeps exactly.</summary>
    public double Coupled => _coupled / _places;

    /// <summary>Adds the places of a text.</summary>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="trace">What came of it.</param>
    /// <param name="cut">The draft's distribution is cut to its most likely tokens.</param>
    public void Add(int[] prompt, AcceptanceTrace trace, bool cut)
    {
        foreach ((int place, (float[] p, float[] q)) in target.Rows(prompt, trace.Tokens).Zip(draft.Rows(prompt, trace.Tokens)).Index())
        {
            if (trace.Starts.Contains(place))
            {
                double[] ps = Probabilities(p, p.Length);
                double[] qs = Probabilities(q, cut ? DraftLaw.DrawnTokens : q.Length);
                _optimum += AcceptanceBounds.Optimum(ps, qs);
                _floor += AcceptanceBounds.CoupledFloor(ps, qs);
                _coupled += AcceptanceBounds.Coupled(ps, qs);
                _places++;
            }
        }
    }

    private double[] Probabilities(float[] logits, int most)
    {
        float least = most < logits.Length ? logits.OrderDescending().ElementAt(most - 1) : float.NegativeInfinity;
        float largest = logits.Max();
        double[] weights = [.. logits.Select(logit => logit >= least ? Math.Exp((logit - largest) / temperature) : 0)];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }
}
