namespace Winnow.Inference.Templates.Runtime;

/// <summary>What a name, attribute or index that is not there gives: empty as text and as a list, false, and an error in most uses.</summary>
/// <param name="what">What is not there, for errors.</param>
internal sealed class Undefined(string what)
{
    /// <summary>The failure of using it.</summary>
    public EvaluationException Error() => new($"{what} is not defined");
}
