using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>How a worker is doing, by the age of its last beat.</summary>
internal static class WorkerHealthRule
{
    /// <summary>The health after a look at the clock. A worker that drains is left in peace until it is dead.</summary>
    /// <param name="before">Health so far.</param>
    /// <param name="age">Time since the last beat.</param>
    /// <param name="options">The two limits.</param>
    public static WorkerHealth Judge(WorkerHealth before, TimeSpan age, SiloOptions options)
    {
        if (age.TotalMilliseconds > options.DeadAfterMs)
        {
            return WorkerHealth.Dead;
        }
        return before == WorkerHealth.Alive && age.TotalMilliseconds > options.SuspectAfterMs ? WorkerHealth.Suspect : before;
    }
}
