namespace Winnow.Inference.Graph;

/// <summary>A gated feed-forward layer, <c>down(activation(gate(x)) * up(x))</c>, or several of them behind a router.</summary>
public sealed record FeedForwardBlock
{
    /// <summary>F: width between the projections, of every expert where there are experts.</summary>
    public required int Size { get; init; }

    /// <summary>Function on the gate.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Gate and up projection are one tensor <c>ffn_up</c>, gate first (Phi 3).</summary>
    public bool FusedGateAndUp { get; init; }

    /// <summary>Experts and how they are chosen; null for one dense layer.</summary>
    public ExpertRouting? Experts { get; init; }
}

/// <summary>
/// Mixture of experts (Mixtral, arXiv 2401.04088): softmax over the router's scores, the best experts by score and, among equals, by lower
/// index; their probabilities, divided by their sum, weigh the experts' results, which are added from the best on.
/// </summary>
/// <param name="Count">Experts of a layer.</param>
/// <param name="Used">Experts that compute for a row, at most <paramref name="Count"/>.</param>
public sealed record ExpertRouting(int Count, int Used);
