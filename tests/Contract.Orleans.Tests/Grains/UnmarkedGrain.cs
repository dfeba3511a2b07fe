using Orleans;

namespace Winnow.ContractTests.Grains;

public class UnmarkedGrain : Grain, IUnmarkedGrain
{
    public Task Take(Unmarked unmarked) => Task.CompletedTask;
}
