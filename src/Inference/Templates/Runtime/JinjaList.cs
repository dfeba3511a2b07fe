namespace Winnow.Inference.Templates.Runtime;

/// <summary>A list or tuple; never changed once made.</summary>
/// <param name="Items">Its elements.</param>
/// <param name="IsTuple">Whether it is written with parentheses.</param>
internal sealed record JinjaList(IReadOnlyList<object?> Items, bool IsTuple = false)
{
    /// <summary>A list of two, as <c>items()</c> gives.</summary>
    public static JinjaList Pair(object? first, object? second) => new([first, second], IsTuple: true);
}
