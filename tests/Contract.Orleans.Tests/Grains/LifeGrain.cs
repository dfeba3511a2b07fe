using Orleans;
using Orleans.Runtime;

namespace Winnow.ContractTests.Grains;

public class LifeGrain : Grain, ILifeGrain
{
    private static int _lastNumber;
    private readonly int _number = Interlocked.Increment(ref _lastNumber);

    private Probe Probe => Probe.Of(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Probe.Note("activate");
        return this.GetPrimaryKeyString().Contains("stillborn", StringComparison.Ordinal) && Probe.Events.Count == 1
            ? throw new InvalidOperationException("can not come up")
            : Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Probe.Note($"deactivate {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> Number()
    {
        Probe.Note("number");
        return Task.FromResult(_number);
    }

    public async Task<int> EndAfter(string gate)
    {
        DeactivateOnIdle();
        Probe.Note("ending");
        await Probe.Pass(gate);
        Probe.Note("ended");
        return _number;
    }

    public async Task<int> StartTimers(string gate)
    {
        int turns = 0;
        this.RegisterGrainTimer(
            () =>
            {
                turns++;
                Probe.Note("turn tick");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(1)));
        int interleaved = 0;
        this.RegisterGrainTimer(
            _ =>
            {
                Probe.Note($"interleaved {++interleaved}");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)) { Interleave = true });
        await Probe.Pass(gate);
        return turns;
    }

    public Task StartFailingTimer()
    {
        int ticks = 0;
        this.RegisterGrainTimer(
            () =>
            {
                Probe.Note($"tick {++ticks}");
                return ticks == 1 ? throw new InvalidOperationException("the first tick fails") : Task.CompletedTask;
            },
            TimeSpan.FromMilliseconds(1),
            TimeSpan.FromMilliseconds(1));
        return Task.CompletedTask;
    }

    public Task StartEndlessTimer()
    {
        this.RegisterGrainTimer(
            async (state, token) =>
            {
                Probe.Note($"{state} in");
                token.Register(() => Probe.Note("token cancelled"));
                await Task.Yield();
                Probe.Note($"{state} out");
            },
            "tick",
            new GrainTimerCreationOptions(TimeSpan.Zero, TimeSpan.FromMilliseconds(1)));
        return Task.CompletedTask;
    }
}
