namespace Winnow.Inference.Templates.Runtime;

/// <summary>Something that a template can call: a built-in function, a method or a macro.</summary>
/// <param name="name">Its name, for errors.</param>
/// <param name="body">What it does.</param>
internal sealed class JinjaFunction(string name, Func<RenderContext, CallArguments, object?> body)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Calls it.</summary>
    public object? Call(RenderContext context, CallArguments arguments) => body(context, arguments);
}
