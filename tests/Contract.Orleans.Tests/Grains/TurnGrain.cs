using Orleans;

namespace Winnow.ContractTests.Grains;

public class TurnGrain : Grain, ITurnGrain
{
    private int _count;

    private Probe Probe => Probe.Of(this.GetPrimaryKeyString());

    public async Task Visit(string name, string gate)
    {
        Probe.Note($"{name} in");
        await Probe.Pass(gate);
        Probe.Note($"{name} out");
    }

    public Task Open(string gate)
    {
        Probe.Note($"open {gate}");
        Probe.Open(gate);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> Look() => Task.FromResult<IReadOnlyList<string>>(Probe.Events.ToList());

    public Task ReadVisit(string name, string gate) => Visit(name, gate);

    public async Task<int> Count()
    {
        int seen = _count;
        await Task.Yield();
        return _count = seen + 1;
    }

    public Task CallSelf() => GrainFactory.GetGrain<ITurnGrain>(this.GetPrimaryKeyString()).Linger("never");

    public async Task Linger(string gate) => await Probe.Pass(gate);
}
