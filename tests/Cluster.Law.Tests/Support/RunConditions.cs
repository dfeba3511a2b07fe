namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>What may not change a request's tokens, as far as the request itself asks for it.</summary>
/// <param name="Model">Model name.</param>
/// <param name="DraftTokens">Draft length, or <see langword="null"/> for adaptive.</param>
/// <param name="PrefixCache">Use the prefix cache.</param>
/// <param name="Shape">Chains or trees.</param>
/// <param name="Drafter">Who drafts, where there is a length.</param>
internal sealed record RunConditions(string Model, int? DraftTokens, bool PrefixCache, string Shape = "auto", string Drafter = "draft_model");
