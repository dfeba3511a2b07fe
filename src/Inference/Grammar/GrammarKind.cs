namespace Winnow.Inference.Grammar;

/// <summary>What the text of a <see cref="GrammarSource"/> is (docs/structured-outputs.md).</summary>
public enum GrammarKind
{
    /// <summary>Any JSON object; the text is empty.</summary>
    JsonObject,

    /// <summary>A JSON Schema.</summary>
    JsonSchema,

    /// <summary>A regular expression that the whole output matches.</summary>
    Regex,

    /// <summary>A JSON array of strings, one of which is the output.</summary>
    Choice,

    /// <summary>Rules in llama.cpp's GBNF.</summary>
    Gbnf,
}
