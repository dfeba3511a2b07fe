namespace Winnow.Gateway.Coordination;

/// <summary>
/// How many steps the way through the shards holds. Where a step spends most of its time on links, more steps than shards fit on the way, and splitting the batch costs nothing:
/// each sequence goes as soon as it can.
/// </summary>
internal sealed class StepPace
{
    // What a step costs a process besides the forward pass: messages, scheduling.
    private const double Overhead = 0.002;
    private const double Weight = 0.1;
    private const double Rise = 1.002;
    private const double LatencyFactor = 4;
    private const int MostSteps = 32;
    private double _least;
    private double _stage;

    /// <summary>Begins on another replica.</summary>
    public void Reset() => (_least, _stage) = (0, 0);

    /// <summary>A step without prompt chunks ended.</summary>
    /// <param name="elapsed">From sending it to its result.</param>
    /// <param name="lastShard">Time that the last shard computed; zero when it did not say.</param>
    public void Observe(TimeSpan elapsed, TimeSpan lastShard)
    {
        if (lastShard > TimeSpan.Zero)
        {
            double seconds = elapsed.TotalSeconds;
            // The least: steps that queue behind others look slower than the way is.
            _least = _least == 0 || seconds < _least ? seconds : _least * Rise;
            double stage = lastShard.TotalSeconds + Overhead;
            _stage = _stage == 0 ? stage : _stage + (Weight * (stage - _stage));
        }
    }

    /// <summary>Links, not shards, take most of a step's time.</summary>
    public bool IsLatencyBound(int shards) => _least > LatencyFactor * shards * _stage;

    /// <summary>Steps that may usefully be on the way.</summary>
    public int MostInFlight(int shards) => IsLatencyBound(shards) ? Math.Clamp((int)(_least / _stage), shards, MostSteps) : shards;
}
