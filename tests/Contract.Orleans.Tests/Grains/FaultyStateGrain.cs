using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Winnow.ContractTests.Grains;

public class FaultyStateGrain([PersistentState("record", "faulty")] IPersistentState<TextState> record) : Grain, IFaultyStateGrain
{
    private static int _lastNumber;
    private readonly int _number = Interlocked.Increment(ref _lastNumber);

    public Task<int> Number() => Task.FromResult(_number);

    public Task Write() => record.WriteStateAsync();

    public async Task<string> WriteAndCatch()
    {
        try
        {
            await record.WriteStateAsync();
            return "written";
        }
        catch (InconsistentStateException e)
        {
            return $"{e.StoredEtag}";
        }
    }
}
