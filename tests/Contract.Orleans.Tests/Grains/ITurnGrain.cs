using Orleans;
using Orleans.Concurrency;

namespace Winnow.ContractTests.Grains;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Notes its start, waits for the gate, notes its end.</summary>
    Task Visit(string name, string gate);

    Task Open(string gate);

    [AlwaysInterleave]
    Task<IReadOnlyList<string>> Look();

    [ReadOnly]
    Task ReadVisit(string name, string gate);

    /// <summary>Adds one with an await between reading and writing.</summary>
    Task<int> Count();

    /// <summary>Calls itself.</summary>
    Task CallSelf();

    [ResponseTimeout("00:00:01")]
    Task Linger(string gate);
}
