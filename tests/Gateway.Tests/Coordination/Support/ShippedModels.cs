using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>The models in the repository.</summary>
internal static class ShippedModels
{
    public static string Target { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf");

    public static string Draft { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-draft-q8_0.gguf");
}
