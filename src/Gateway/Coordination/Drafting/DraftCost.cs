namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// What a round of drafts takes: a time for asking, one for each pass of the draft model, and one for each row of a pass. Learned from whole rounds: each part takes its
/// share of what a round took longer or shorter than expected, so that all of them follow the machine's speed and rounds of different forms tell them apart.
/// </summary>
internal sealed class DraftCost
{
    private const int MeasurementsNeeded = 4;
    private const double LeastWeight = 0.25;
    private const double Sudden = 0.6;
    private const double AskPart = 0.25;
    private const double PassPart = 0.65;
    private const double CatchUpWeight = 0.25;
    private const double LeastCatchUp = 0.2;
    private double _ask;
    private double _pass;
    private double _row;
    private double _catchUp = double.NaN;
    private int _measurements;

    /// <summary>Enough has been measured, and it took measurable time.</summary>
    public bool IsKnown => _measurements >= MeasurementsNeeded;

    /// <summary>Seconds for each token that the draft model has not seen yet.</summary>
    public double CatchUp => double.IsNaN(_catchUp) ? _row : Math.Max(_catchUp, LeastCatchUp * _row);

    /// <summary>Seconds that one draft more of one sequence takes: passes are shared, so that it is a row, and a pass only where it is alone.</summary>
    public double Further(int sequences) => _row + (sequences == 1 ? _pass : 0);

    /// <summary>Seconds expected for a round.</summary>
    /// <param name="rows">Rows of a pass: sequences, or the nodes of a level of their trees.</param>
    /// <param name="passes">Passes: tokens of the longest draft, or the depth of a tree.</param>
    public double At(double rows, double passes) => _ask + (passes * (_pass + (rows * _row)));

    /// <summary>Adds a measurement.</summary>
    /// <param name="rows">Rows of a pass, at least 1.</param>
    /// <param name="passes">Passes, at least 1.</param>
    /// <param name="seconds">Time from asking to the answer; not counted when it is 0.</param>
    public void Observe(int rows, int passes, double seconds)
    {
        if (seconds <= 0)
        {
            return;
        }
        _measurements++;
        if (_measurements == 1)
        {
            (_ask, _pass, _row) = (AskPart * seconds, PassPart * seconds / passes, (1 - AskPart - PassPart) * seconds / passes / rows);
            return;
        }
        double expected = At(rows, passes);
        double error = TimeError.Of(seconds, expected);
        if (error < -Sudden)
        {
            // Parts that were learned from cold code are all wrong alike.
            double all = Math.Exp(error / 2);
            (_ask, _pass, _row) = (all * _ask, all * _pass, all * _row);
            return;
        }
        double weight = Math.Max(LeastWeight, 1.0 / _measurements) * error / expected;
        (_ask, _pass, _row) = (_ask * Math.Exp(weight * _ask), _pass * Math.Exp(weight * passes * _pass), _row * Math.Exp(weight * passes * rows * _row));
    }

    /// <summary>Adds a round in which the draft model had to catch up.</summary>
    /// <param name="tokens">Tokens it had not seen, at least 1.</param>
    /// <param name="rows">Rows of a pass.</param>
    /// <param name="passes">Passes.</param>
    /// <param name="seconds">Time from asking to the answer.</param>
    public void ObserveCatchUp(int tokens, int rows, int passes, double seconds)
    {
        double each = Math.Max(0, seconds - At(rows, passes)) / tokens;
        _catchUp = double.IsNaN(_catchUp) ? each : _catchUp + (CatchUpWeight * (Math.Min(each, 3 * CatchUp) - _catchUp));
    }
}
