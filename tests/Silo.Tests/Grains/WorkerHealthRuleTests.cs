using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;

namespace Winnow.Silo.Tests.Grains;

/// <summary>Missed beats make a worker suspect, then dead.</summary>
public sealed class WorkerHealthRuleTests
{
    private static readonly SiloOptions Options = new() { SuspectAfterMs = 2000, DeadAfterMs = 5000 };

    [Theory]
    [InlineData(WorkerHealth.Alive, 2000, WorkerHealth.Alive)]
    [InlineData(WorkerHealth.Alive, 2001, WorkerHealth.Suspect)]
    [InlineData(WorkerHealth.Suspect, 5000, WorkerHealth.Suspect)]
    [InlineData(WorkerHealth.Suspect, 5001, WorkerHealth.Dead)]
    [InlineData(WorkerHealth.Draining, 4000, WorkerHealth.Draining)]
    [InlineData(WorkerHealth.Draining, 5001, WorkerHealth.Dead)]
    public void Judge_AgeOfTheLastBeat_DecidesTheHealth(WorkerHealth before, int ageMs, WorkerHealth expected) =>
        Assert.Equal(expected, WorkerHealthRule.Judge(before, TimeSpan.FromMilliseconds(ageMs), Options));
}
