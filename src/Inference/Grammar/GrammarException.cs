namespace Winnow.Inference.Grammar;

/// <summary>A grammar cannot be used: it is not well-formed, uses what is not supported, or is too large; or following it went over a limit.</summary>
/// <param name="message">One line for people.</param>
public sealed class GrammarException(string message) : Exception(message);
