using Grpc.Core;

namespace Winnow.Grpc.Tests.Support;

/// <summary>Ways for a test's server to wait for events instead of time.</summary>
public static class Waiting
{
    /// <summary>Done when the token fires; fails when it does not in time.</summary>
    public static async Task UntilCancelledAsync(this ServerCallContext context)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = context.CancellationToken.Register(() => fired.TrySetResult());
        await fired.Task.InTimeAsync();
    }

    /// <summary>The task's result, or an error when it takes too long.</summary>
    public static Task InTimeAsync(this Task task) => task.WaitAsync(ProbeHost.Patience);

    /// <summary>The task's result, or an error when it takes too long.</summary>
    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(ProbeHost.Patience);
}
