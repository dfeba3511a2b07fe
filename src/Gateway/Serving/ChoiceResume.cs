using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Serving;

/// <summary>Where the answer of a choice goes on that a client has a part of.</summary>
/// <param name="Told">Generated tokens of which the client has the text; may be more or fewer than the request's <see cref="GenerationRequest.Generated"/>.</param>
/// <param name="IsEndTold">The client knows that and why the choice ended.</param>
/// <param name="Finish">Why the choice ended with the last of those generated tokens; <see cref="FinishReason.None"/> when it goes on.</param>
public readonly record struct ChoiceResume(int Told, bool IsEndTold, FinishReason Finish);
