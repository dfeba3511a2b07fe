using Xunit;

namespace Winnow.Tests.Common;

/// <summary>A theory that needs a file or folder of the shared test data and is skipped, with the reason, where it is not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the test when <paramref name="relative"/> is not below the shared folder.</summary>
    public SharedTheoryAttribute(string relative)
    {
        Relative = relative;
        Skip = new SharedFactAttribute(relative).Skip;
    }

    /// <summary>The path the test needs, below the shared folder.</summary>
    public string Relative { get; }
}
