using Orleans;

namespace Winnow.ContractTests.Grains;

public interface IFaultGrain : IGrainWithStringKey
{
    Task Throw(string message);

    Task ThrowAtOnce();

    Task ThrowUnmarked(string message);

    Task ThrowMarked(string message, int code);

    Task WaitForCancellation(CancellationToken token);

    Task Ignore(string gate, CancellationToken token);
}
