namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>How long tests wait for what must happen soon.</summary>
internal static class TestLimits
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);
}
