using Winnow.Tests.Common;

namespace Winnow.Interop.OpenAi.Tests;

/// <summary>A test that needs the npm packages of <c>tests/Interop.OpenAi.Tests/node</c>; skipped with the reason where they are not installed.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    /// <summary>The folder with the scripts and their packages.</summary>
    public static string Folder { get; } = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Interop.OpenAi.Tests", "node");

    public NodeFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "openai")))
        {
            Skip = $"The npm package 'openai' is not installed; run 'npm ci --ignore-scripts' in '{Folder}'.";
        }
    }
}
