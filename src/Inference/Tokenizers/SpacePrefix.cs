namespace Winnow.Inference.Tokenizers;

/// <summary>Where a tokeniser puts a space before a text, so that its first word looks like the others.</summary>
internal enum SpacePrefix
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>At the beginning.</summary>
    First,

    /// <summary>At the beginning and after every special token.</summary>
    Each,

    /// <summary>As <see cref="First"/>, unless the text begins with a space.</summary>
    FirstIfNone,

    /// <summary>As <see cref="Each"/>, unless the text there begins with a space.</summary>
    EachIfNone,
}
