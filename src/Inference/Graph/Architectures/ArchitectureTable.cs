using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Winnow.Inference.Graph.Architectures;

/// <summary>The architectures by the name that files give them. To add one: docs/adding-a-model.md.</summary>
internal static class ArchitectureTable
{
    private static readonly FrozenDictionary<string, Func<ModelFields, ModelConfiguration>> Known =
        new Dictionary<string, Func<ModelFields, ModelConfiguration>>
        {
            ["gemma2"] = Gemma2.Describe,
            ["gemma3"] = Gemma3.Describe,
            ["llama"] = Llama.Describe,
            ["phi3"] = Phi3.Describe,
            ["qwen2"] = Qwen2.Describe,
            ["qwen3"] = Qwen3.Describe,
            ["qwen3moe"] = Qwen3Moe.Describe,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What describes a model of an architecture.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out Func<ModelFields, ModelConfiguration>? describe) =>
        Known.TryGetValue(name, out describe);
}
