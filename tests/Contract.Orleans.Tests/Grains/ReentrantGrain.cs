using Orleans;
using Orleans.Concurrency;

namespace Winnow.ContractTests.Grains;

[Reentrant]
public class ReentrantGrain : Grain, IReentrantGrain
{
    private int _inside;
    private int _most;

    private Probe Probe => Probe.Of(this.GetPrimaryKeyString());

    public async Task Visit(string name, string gate)
    {
        Probe.Note($"{name} in");
        await Probe.Pass(gate);
        Probe.Note($"{name} out");
    }

    public Task Open(string gate)
    {
        Probe.Open(gate);
        return Task.CompletedTask;
    }

    public async Task<int> CallSelf(int depth) =>
        depth == 0 ? 0 : 1 + await GrainFactory.GetGrain<IReentrantGrain>(this.GetPrimaryKeyString()).CallSelf(depth - 1);

    public async Task<int> Race(int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            _most = Math.Max(_most, Interlocked.Increment(ref _inside));
            Thread.SpinWait(2_000);
            Interlocked.Decrement(ref _inside);
            await Task.Yield();
        }

        return _most;
    }
}
