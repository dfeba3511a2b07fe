using Orleans;

namespace Winnow.LiteTests;

/// <summary>Says when a call is inside, and holds it until told.</summary>
public sealed class HoldGrain : Grain, IHoldGrain
{
    internal static TaskCompletionSource Inside { get; set; } = new();

    internal static TaskCompletionSource Go { get; set; } = new();

    public Task Hold()
    {
        Inside.TrySetResult();
        return Go.Task;
    }

    public Task<int> Answer() => Task.FromResult(42);
}
