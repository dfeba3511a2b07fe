using Orleans;

namespace Winnow.ContractTests.Grains;

public interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>A number of its own for each activation.</summary>
    Task<int> Number();

    /// <summary>Asks for the end, then waits for the gate.</summary>
    Task<int> EndAfter(string gate);

    Task<int> StartTimers(string gate);

    Task StartFailingTimer();

    Task StartEndlessTimer();
}
