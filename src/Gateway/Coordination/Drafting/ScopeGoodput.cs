namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Measured tokens a second of steps under one <see cref="DraftScope"/>: tokens that a step brings a sequence, over long, since lots are in them, and sequences served a
/// second, of late, since a machine's speed changes.
/// </summary>
internal sealed class ScopeGoodput
{
    private const int TokenMemory = 512;
    private const int OldTokens = 32;
    private const int SpeedMemory = 48;
    private const int StepsBeforeOutliers = 8;
    private const double Outlier = 5;

    // What speeds measured one after the other differ by for no reason, and what single steps do.
    private const double SpeedError = 0.015;
    private const double StepError = 0.06;

    private double _tokens;
    private double _variance;
    private int _tokenSteps;
    private double _sequences;
    private double _seconds;
    private double _weights;
    private int _batch;

    /// <summary>Steps of which the speed was taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Tokens a second.</summary>
    public double TokensPerSecond => _tokens * _sequences / _seconds;

    /// <summary>Time from one step's result to the next, on average.</summary>
    public double SecondsPerStep => _seconds / _weights;

    /// <summary>Square of the expected relative error of <see cref="TokensPerSecond"/>.</summary>
    public double ErrorSquared => (SpeedError * SpeedError) + (StepError * StepError / Steps) + (_variance / (_tokens * _tokens * _tokenSteps));

    /// <summary>Measures the speed anew, for so many sequences; the tokens of before count little from now on.</summary>
    public void Restart(int batch)
    {
        (_sequences, _seconds, _weights, Steps, _batch) = (0, 0, 0, 0, batch);
        _tokenSteps = Math.Min(_tokenSteps, OldTokens);
    }

    /// <summary>Measures the speed anew when the batch is another than the one measured.</summary>
    /// <returns>Whether it was.</returns>
    public bool Follow(int batch)
    {
        bool differs = Math.Abs(batch - _batch) > _batch / 8;
        if (differs)
        {
            int tokenSteps = _tokenSteps;
            Restart(batch);
            _tokenSteps = tokenSteps;
        }
        return differs;
    }

    /// <summary>A step ended so long after the one before it.</summary>
    public void Add(StepYield step, double seconds)
    {
        if (Steps >= StepsBeforeOutliers && seconds * _sequences > Outlier * step.Sequences * _seconds)
        {
            return;
        }
        double keep = Steps < SpeedMemory ? 1 : 1 - (1.0 / SpeedMemory);
        _sequences = (keep * _sequences) + step.Sequences;
        _seconds = (keep * _seconds) + seconds;
        _weights = (keep * _weights) + 1;
        Steps++;
        _tokenSteps = Math.Min(_tokenSteps + 1, TokenMemory);
        double weight = 1.0 / _tokenSteps;
        double difference = ((double)step.Tokens / step.Sequences) - _tokens;
        _tokens += weight * difference;
        _variance = (1 - weight) * (_variance + (weight * difference * difference));
    }
}
