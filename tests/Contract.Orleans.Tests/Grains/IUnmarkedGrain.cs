using Orleans;

namespace Winnow.ContractTests.Grains;

/// <summary>Takes what can not be sent.</summary>
public interface IUnmarkedGrain : IGrainWithStringKey
{
    Task Take(Unmarked unmarked);
}
