namespace Winnow.Inference.Planning;

/// <summary>What was asked for does not fit the budget; the message has the numbers.</summary>
/// <param name="message">What was asked, found and allowed, in bytes, and what to do.</param>
public sealed class MemoryPlanException(string message) : Exception(message);
