using Orleans;

namespace Winnow.ContractTests.Grains;

public class FaultGrain : Grain, IFaultGrain
{
    private Probe Probe => Probe.Of(this.GetPrimaryKeyString());

    public async Task Throw(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message, new ArgumentException("the cause"));
    }

    public Task ThrowAtOnce() => throw new NotSupportedException("before the first await");

    public Task ThrowUnmarked(string message) => throw new UnmarkedException(message);

    public Task ThrowMarked(string message, int code) => throw new MarkedException(message, code);

    public async Task WaitForCancellation(CancellationToken token)
    {
        Probe.Note("waiting");
        var cancelled = new TaskCompletionSource();
        await using (token.Register(cancelled.SetResult))
        {
            await cancelled.Task;
        }

        Probe.Note("cancelled");
        token.ThrowIfCancellationRequested();
    }

    public async Task Ignore(string gate, CancellationToken token)
    {
        Probe.Note("called");
        await Probe.Pass(gate);
    }
}
