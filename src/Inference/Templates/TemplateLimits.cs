namespace Winnow.Inference.Templates;

/// <summary>What a template may use up; templates come with model files and are not trusted.</summary>
public sealed record TemplateLimits
{
    /// <summary>The limits used unless others are given.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Expressions and statements evaluated, and elements visited by filters. Default 4 million.</summary>
    public int MaxSteps { get; init; } = 4_000_000;

    /// <summary>Characters of the output, and of any string on the way. Default 16 million.</summary>
    public int MaxCharacters { get; init; } = 16_000_000;

    /// <summary>Nested macro calls, and nesting of values that are compared or written. Default 100.</summary>
    public int MaxDepth { get; init; } = 100;
}
