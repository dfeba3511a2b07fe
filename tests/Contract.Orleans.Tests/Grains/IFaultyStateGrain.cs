using Orleans;

namespace Winnow.ContractTests.Grains;

public interface IFaultyStateGrain : IGrainWithStringKey
{
    Task<int> Number();

    Task Write();

    Task<string> WriteAndCatch();
}
