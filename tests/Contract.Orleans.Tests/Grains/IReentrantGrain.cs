using Orleans;

namespace Winnow.ContractTests.Grains;

public interface IReentrantGrain : IGrainWithStringKey
{
    Task Visit(string name, string gate);

    Task Open(string gate);

    Task<int> CallSelf(int depth);

    Task<int> Race(int rounds);
}
