namespace Winnow.Inference.Sampling;

/// <summary>How drafts are judged (docs/speculation.md).</summary>
public enum AcceptanceRule
{
    /// <summary>A draft is kept when it equals the token that the target draws by itself. The only rule whose tokens never depend on drafts.</summary>
    Coupled,

    /// <summary>Rejection sampling with the draft's distribution (Leviathan et al., arXiv 2211.17192).</summary>
    Rejection,

    /// <summary>K-sequential selection among independent drafts (SpecTr, arXiv 2310.15141).</summary>
    Spectr,

    /// <summary>Recursive rejection sampling among drafts without replacement (RSD, arXiv 2402.14160).</summary>
    Rsd,

    /// <summary>Typical acceptance (Medusa, arXiv 2401.10774): keeps drafts that are likely enough. Changes what is generated.</summary>
    LossyTypical,
}
