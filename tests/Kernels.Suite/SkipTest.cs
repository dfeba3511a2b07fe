namespace Winnow.Kernels.Suite;

/// <summary>Skips a test that has begun. xunit's runners take an exception with this beginning of its message for that.</summary>
internal static class SkipTest
{
    private const string Token = "$XunitDynamicSkip$";

    /// <summary>What to throw.</summary>
    public static Exception Because(string reason) => new InvalidOperationException(Token + reason);
}
