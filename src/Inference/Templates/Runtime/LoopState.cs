namespace Winnow.Inference.Templates.Runtime;

/// <summary>The variable <c>loop</c> of one iteration.</summary>
/// <param name="items">What the loop runs over, its condition applied.</param>
/// <param name="index">Position, from 0.</param>
internal sealed class LoopState(IReadOnlyList<object?> items, int index)
{
    /// <summary>An attribute, if the loop has it.</summary>
    public object? Get(string name) => name switch
    {
        "index" => (long)index + 1,
        "index0" => (long)index,
        "revindex" => (long)items.Count - index,
        "revindex0" => (long)items.Count - index - 1,
        "first" => index == 0,
        "last" => index == items.Count - 1,
        "length" => (long)items.Count,
        "previtem" => index > 0 ? items[index - 1] : new Undefined("the item before the first"),
        "nextitem" => index + 1 < items.Count ? items[index + 1] : new Undefined("the item after the last"),
        "depth" => 1L, // Jinja2 counts recursive loops only
        "depth0" => 0L,
        "cycle" => new JinjaFunction("loop.cycle", (_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[index % arguments.Positional.Count]
            : throw new EvaluationException("loop.cycle needs at least one value")),
        _ => new Undefined($"'loop.{name}'"),
    };
}
