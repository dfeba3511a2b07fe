using Xunit;

namespace Winnow.Tests.Common;

/// <summary>A fact that needs a file or folder of the shared test data and is skipped, with the reason, where it is not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    /// <summary>Skips the test when <paramref name="relative"/> is not below the shared folder.</summary>
    public SharedFactAttribute(string relative)
    {
        Relative = relative;
        if (SharedFolder.Root is null)
        {
            Skip = "the shared folder is not here; set WINNOW_SHARED to it.";
        }
        else if (!Path.Exists(Path.Combine(SharedFolder.Root, relative)))
        {
            Skip = $"'{relative}' is not in the shared folder.";
        }
    }

    /// <summary>The path the test needs, below the shared folder.</summary>
    public string Relative { get; }
}
