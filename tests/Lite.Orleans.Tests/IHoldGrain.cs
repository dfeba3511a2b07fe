using Orleans;

namespace Winnow.LiteTests;

public interface IHoldGrain : IGrainWithStringKey
{
    Task Hold();

    Task<int> Answer();
}
