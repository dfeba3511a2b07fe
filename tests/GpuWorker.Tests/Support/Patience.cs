namespace Winnow.GpuWorker.Tests.Support;

/// <summary>How long a test waits for something that should come at once, before it fails instead of hanging.</summary>
internal static class Patience
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    public static CancellationToken Token => new CancellationTokenSource(Limit).Token;
}
