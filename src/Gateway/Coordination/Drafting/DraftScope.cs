namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>Which drafters may draft for sequences whose draft length is not fixed; each scope holds those before it.</summary>
internal enum DraftScope
{
    /// <summary>None: plain decoding, and nothing is spent on drafts.</summary>
    None,

    /// <summary>Those that guess from tokens, which cost next to nothing.</summary>
    Tokens,

    /// <summary>Also the draft model, the trained head and the early exit, which compute.</summary>
    All,
}
