namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>One stage of splitting a text into words.</summary>
/// <param name="text">What is left of the text, not empty.</param>
/// <returns>Characters of its first piece, at least 1; never a part of a code point.</returns>
internal delegate int SplitRule(ReadOnlySpan<char> text);
