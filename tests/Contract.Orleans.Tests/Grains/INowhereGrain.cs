using Orleans;

namespace Winnow.ContractTests.Grains;

/// <summary>No class implements it.</summary>
public interface INowhereGrain : IGrainWithStringKey
{
    Task Call();
}
