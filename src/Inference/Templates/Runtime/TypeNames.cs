namespace Winnow.Inference.Templates.Runtime;

/// <summary>Names of the kinds of values, for errors.</summary>
internal static class TypeNames
{
    /// <summary>The name of a value's kind.</summary>
    public static string Of(object? value) => value switch
    {
        null => "none",
        bool => "a boolean",
        long => "an integer",
        double => "a float",
        string => "a string",
        JinjaList { IsTuple: true } => "a tuple",
        JinjaList => "a list",
        JinjaDict => "a dict",
        JinjaNamespace => "a namespace",
        JinjaFunction => "a function",
        LoopState => "the loop variable",
        _ => "an undefined value",
    };
}
