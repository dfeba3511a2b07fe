namespace Winnow.Inference.Templates.Runtime;

/// <summary>The one kind of value whose attributes <c>set</c> changes; it carries state out of loops.</summary>
internal sealed class JinjaNamespace
{
    /// <summary>Attributes.</summary>
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}
