namespace Winnow.Inference.Tokenizers;

/// <summary>Which tokens of a vocabulary have a role of their own.</summary>
internal sealed record TokenRoles
{
    /// <summary>The token that begins a text.</summary>
    public int? Begin { get; init; }

    /// <summary>The token that ends a text.</summary>
    public int? End { get; init; }

    /// <summary>The token for text without one.</summary>
    public int? Unknown { get; init; }

    /// <summary>What a text with special tokens begins with.</summary>
    public int? Prefix { get; init; }

    /// <summary>What a text with special tokens ends with.</summary>
    public int? Suffix { get; init; }

    /// <summary>More tokens that the model file says end a generation.</summary>
    public IReadOnlyList<int> MoreEnds { get; init; } = [];
}
