namespace Winnow.Inference.Cache;

/// <summary>The stored forms of keys and values by the names that options give them.</summary>
public static class KvTypes
{
    private static readonly KvType[] All = Enum.GetValues<KvType>();

    /// <summary>Every name: lower case, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(NameOf)];

    /// <summary>The name of a form: <c>f16</c>, <c>f32</c>, <c>q8_0</c> or <c>q4_0</c>.</summary>
    public static string NameOf(KvType type) => type.ToString().ToLowerInvariant();

    /// <summary>Finds a form by its name, in any case.</summary>
    /// <param name="name">Name as given.</param>
    /// <param name="type">The form, or f16 when there is none of that name.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(string? name, out KvType type)
    {
        int index = Array.FindIndex(All, type => string.Equals(NameOf(type), name, StringComparison.OrdinalIgnoreCase));
        type = index < 0 ? KvType.F16 : All[index];
        return index >= 0;
    }
}
