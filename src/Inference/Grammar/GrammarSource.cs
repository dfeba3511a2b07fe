namespace Winnow.Inference.Grammar;

/// <summary>A grammar as a request gives it and as it travels: what the generated text must be.</summary>
/// <param name="Kind">What the text is.</param>
/// <param name="Text">The grammar; at most <see cref="MostCharacters"/>.</param>
public sealed record GrammarSource(GrammarKind Kind, string Text)
{
    /// <summary>Longest text of a grammar.</summary>
    public const int MostCharacters = 128 * 1024;

    /// <summary>Any JSON object.</summary>
    public static GrammarSource JsonObject { get; } = new(GrammarKind.JsonObject, "");

    /// <summary>What is wrong with it before it is read, or <see langword="null"/>.</summary>
    internal string? Problem() => !Enum.IsDefined(Kind)
        ? $"The grammar's kind is '{(int)Kind}'; it must be from 0 to {(int)GrammarKind.Gbnf}."
        : Text.Length > MostCharacters ? $"The grammar has '{Text.Length}' characters; at most {MostCharacters} are allowed; make it shorter." : null;
}
